// What PostgreSQL's errors mean for a caller.

import { StoreUnavailable, UniqueViolation } from '../errors.ts';

/** SQLSTATE classes and codes of what passes (postgresql.org/docs/current/errcodes-appendix.html). */
const outageClasses = /^(08|53|57|58|XX)/;
const outageCodes = new Set([
  '25006', // read-only: the primary has become a standby
  '25P03', // idle in transaction for too long
  '40001', // serialization failure, after all attempts
  '40P01', // deadlock, after all attempts
  '55P03', // a lock was not given in time
]);
/** Of the network, as Node names them. */
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
/** The driver's own, which have no code. */
const driverMessages =
  /^(Connection terminated|Query read timeout|timeout (expired|exceeded)|Client (has encountered|was closed|is not))/;

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** Whether the whole transaction may be tried again: nothing of it was written. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return isRetryable(error.cause);
  const code = codeOf(error);
  if (code === '40001' || code === '40P01') return true;
  // Another transaction gave the same id, such as an import: the next attempt gets the next one of the sequence.
  const { constraint = '' } = error as { constraint?: string };
  return code === '23505' && constraint.endsWith('_pkey');
}

/** What fails a statement or a transaction, and leaves the connection as good as before. */
const passing = /^(40|53100|55P03|57014)/;

/** Whether the connection is of no use any more. */
export function isBroken(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return isBroken(error.cause);
  return translated(error) instanceof StoreUnavailable && !passing.test(codeOf(error));
}

/** The error as the port names it, or as it is. */
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
  return unavailable ? new StoreUnavailable(error) : error;
}
