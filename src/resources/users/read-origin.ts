// Checks where an account in an import file has come from, and converts it to what is stored.

import { externalIdentifier } from '../../model/kinds.ts';
import { zone } from '../../model/zone.ts';
import type { Origin } from '../../store/origins.ts';
import { shownName } from './read-imported-memberships.ts';

/** A name of a system. */
export const sourceName = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** How such a name is written, for messages. */
export const sourceNameForm = 'small letters, digits, dots, hyphens and underscores';

const maxDetailsBytes = 16 * 1024;

const keys = ['source', 'external_id', 'email_verified', 'details'];

const utc = zone('UTC');

/**
 * @param given `{ source, external_id, email_verified, details }`, of which only the source is needed
 * @param reasons gets the reasons why the account is refused
 */
export function readOrigin(given: unknown, reasons: string[]): Origin | null {
  if (given === undefined || given === null) return null;
  const origin = isObject(given) ? given : {};
  const { source, external_id: externalId = null, email_verified: emailVerified = null } = origin;
  const { details = {} } = origin;
  if (typeof source !== 'string' || !sourceName.test(source)) {
    reasons.push(`origin must be an object with a source: ${sourceNameForm}`);
    return null;
  }
  const problems: string[] = [];
  const unknown = Object.keys(origin).find((key) => !keys.includes(key));
  if (unknown !== undefined) problems.push(`has an unknown key ${JSON.stringify(unknown.slice(0, 100))}`);
  const id = externalId === null ? { value: null } : externalIdentifier.check(externalId, utc);
  if ('violations' in id) problems.push(`has an external_id that ${id.violations.join(', ')}`);
  if (emailVerified !== null && typeof emailVerified !== 'boolean')
    problems.push('has an email_verified that is not true or false');
  const text = JSON.stringify(details);
  if (!isObject(details)) problems.push('has details that are not an object');
  else if (Buffer.byteLength(text) > maxDetailsBytes)
    problems.push(
      `has more than ${maxDetailsBytes / 1024} KiB of details, most of it in ${shownName(largest(details))}`,
    );
  reasons.push(...problems.map((problem) => `origin ${problem}`));
  if (problems.length > 0 || 'violations' in id) return null;
  return { source, externalId: id.value, emailVerified: emailVerified as boolean | null, details: text };
}

/** The name of the member whose value is the longest. */
function largest(details: Readonly<Record<string, unknown>>): string {
  const sizes = Object.entries(details).map(([name, value]) => ({
    name,
    size: String(JSON.stringify(value)).length,
  }));
  return sizes.reduce((one, other) => (other.size > one.size ? other : one)).name;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}
