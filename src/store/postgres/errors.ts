// Translates PostgreSQL's errors into those of the port.

import { ConnectionLost, StoreUnavailable, UniqueViolation } from '../errors.ts';

/** SQLSTATE classes and codes of temporary failures (postgresql.org/docs/current/errcodes-appendix.html). */
const outageClasses = /^(08|53|57|58|XX)/;
const outageCodes = new Set([
  '25006', // read-only: the primary has become a standby
  '25P03', // idle in transaction for too long
  '40001', // serialization failure, after all attempts
  '40P01', // deadlock, after all attempts
  '55P03', // lock timeout
]);
/** Network errors, by Node's codes. */
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);
/** Errors of the driver itself, which have no code. */
const driverMessages =
  /^(Connection terminated|Query read timeout|timeout (expired|exceeded)|Client (has encountered|was closed|is not))/;

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** Of a statement whose connection ended, by the server (57P01, 57P02) or the network. */
const lostConnection = /^(08|57P0[12])/;
const lostMessages = /^(Connection terminated|Client )/;

/** Whether the whole transaction can be retried: it was rolled back, and may succeed the next time. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return isRetryable(error.cause);
  const code = codeOf(error);
  if (code === '40001' || code === '40P01') return true;
  // A foreign key: another transaction has deleted the row since the operation looked for it. The next attempt does not
  // find the row, and the operation says so.
  if (code === '23503') return true;
  // Another transaction, for example an import, inserted the same id explicitly. The next attempt gets the next id of
  // the sequence.
  const { constraint = '' } = error as { constraint?: string };
  return code === '23505' && constraint.endsWith('_pkey');
}

/** Of a replica that has not replayed the migrations of this version: an unknown table, column or function. */
export function isBehindMigrations(error: unknown): boolean {
  return ['42P01', '42703', '42883'].includes(codeOf(error));
}

/** The statement took too long, or was canceled. */
export function isTimeout(error: unknown): boolean {
  return codeOf(error instanceof StoreUnavailable ? error.cause : error) === '57014';
}

/** Failures of a statement or transaction that leave the connection usable. */
const passing = /^(40|53100|55P03|57014)/;

/** Whether the connection can no longer be used. */
export function isBroken(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return isBroken(error.cause);
  return translated(error) instanceof StoreUnavailable && !passing.test(codeOf(error));
}

/** The port's error for this one, or the error itself. */
export function translated(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StoreUnavailable) return error;
  const code = codeOf(error);
  if (code === '23505') {
    const { constraint = '', table = '' } = error as { constraint?: string; table?: string };
    // `users_email_key` is the index of users.email_key.
    return new UniqueViolation(constraint.replace(`${table}_`, ''), { cause: error });
  }
  const unavailable =
    outageClasses.test(code) ||
    outageCodes.has(code) ||
    networkCodes.has(code) ||
    driverMessages.test(error.message);
  if (!unavailable) return error;
  const isLost = lostConnection.test(code) || networkCodes.has(code) || lostMessages.test(error.message);
  return isLost ? new ConnectionLost(error) : new StoreUnavailable(error);
}
