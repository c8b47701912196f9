/** A source of breached passwords does not work. The message says why, and contains nothing of a password or a hash. */
export class BreachSourceError extends Error {}
