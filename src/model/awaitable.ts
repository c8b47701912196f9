// Values that may or may not be promises.

/** A value or a promise of it. A database in this process answers synchronously, without a promise. */
export type Awaitable<T> = T | Promise<T>;

/** Like `then`, but synchronous if the value is not a promise. A promise costs as much as a small statement. */
export function chain<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Like `Promise.all`, but synchronous if none of the values is a promise. */
export function all<T>(values: readonly Awaitable<T>[]): Awaitable<readonly T[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : (values as readonly T[]);
}

export function both<A, B>(one: Awaitable<A>, other: Awaitable<B>): Awaitable<readonly [A, B]> {
  return all<unknown>([one, other]) as Awaitable<readonly [A, B]>;
}
