// What a store throws.

/** A value that must be unique is taken. */
export class UniqueViolation extends Error {
  readonly column: string;

  constructor(column: string, options?: ErrorOptions) {
    super(`${column} is not unique`, options);
    this.column = column;
  }
}

/** The caller of a write has lost a token, or its account has other rights than the write was decided by. Nothing is written. */
export class CallerChanged extends Error {
  constructor() {
    super('The rights of the caller have changed since they were read');
  }
}

/** The database cannot be asked at the moment, or what was asked took it too long; nothing is known to be written. */
export class StoreUnavailable extends Error {
  constructor(cause: unknown) {
    super(reasonOf(cause), { cause });
  }
}

/** For people. Where a name has several addresses, Node says no more than that all of them failed. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
