// How a sign-in by password ends, for the metrics.

export const signInOutcomes = [
  'success',
  /** The address or the password is wrong, or the account may not sign in. */
  'failure',
  /** Refused after too many failures, before the password was checked. */
  'throttled',
  /** Refused because too many passwords were being checked. */
  'shed',
] as const;

export type SignInOutcome = (typeof signInOutcomes)[number];
