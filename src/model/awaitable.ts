// Values that may have to be waited for.

/** A value, or the promise of one: what a database in this process answers is there at once. */
export type Awaitable<T> = T | Promise<T>;

/** Goes on in the same turn where nothing has to be waited for: a promise costs as much as a small statement. */
export function chain<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
