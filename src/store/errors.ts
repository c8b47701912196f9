// The errors that a store throws.

/** There is no database of Muster yet. A start would create it. */
export class NoDatabase extends Error {}

/** A unique value is already taken. */
export class UniqueViolation extends Error {
  readonly column: string;

  constructor(column: string, options?: ErrorOptions) {
    super(`${column} is not unique`, options);
    this.column = column;
  }
}

/** The caller of a write lost a token, or its rights changed, after the request read them. Nothing is written. */
export class CallerChanged extends Error {
  constructor() {
    super('The rights of the caller have changed since they were read');
  }
}

/**
 * The database cannot be reached, is overloaded, or a statement took too long. Nothing was written, except that a
 * transaction may be committed if the connection was lost during its COMMIT, or the disk failed after it.
 */
export class StoreUnavailable extends Error {
  constructor(cause: unknown) {
    super(reasonOf(cause), { cause });
  }
}

/** The connection ended during a statement. The database may be available by another one. */
export class ConnectionLost extends StoreUnavailable {}

/** The client of a request closed its connection, so its read was ended. */
export class ReaderGone extends Error {
  constructor() {
    super('The client has closed the connection');
  }
}

/**
 * A message for people. If a host name has several addresses, Node's own message is empty and the reasons are in
 * `errors`.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
