// Columns with secrets, by their names. An import drops them: nothing of them may lie in the details of an account.

import type { Members } from '../account-reader.ts';
import { isMembers, parsed } from './json-parts.ts';

/** Parts of names, also in the middle of a word. */
const parts =
  /passw|passphrase|secret|token|(?:security|concurrency)stamp|(?:api|private|access|activation|encryption)key|(?:recovery|backup|verification|activation|confirmation|reset|scratch|access|auth|login|sms|email|onetime|otp|invite|invitation)codes?|sessionid|magiclink|(?:security|recovery)answer/;

const words: ReadonlySet<string> = new Set([
  ...['pass', 'pwd', 'hash', 'salt', 'otp', 'totp', 'pin', 'jti', 'stamp', 'key', 'mfa', 'iv'],
  ...['hashes', 'salts', 'pepper', 'answer', 'jwt'],
]);

/** Last words of a time, a number or a switch that belongs to a secret: reset_password_sent_at, otp_required_for_login. */
const harmless: ReadonlySet<string | undefined> = new Set([
  ...['at', 'on', 'date', 'count', 'enabled', 'required', 'login', 'confirmed', 'changed'],
]);

const known = new Map<string, boolean>();

/** Whether the name of a column, or of a member of JSON, is that of a secret. */
export function isSecretColumn(name: string): boolean {
  const isSecret = known.get(name) ?? isSecretName(name);
  // The names of members could be any number.
  if (known.size < 1000) known.set(name, isSecret);
  return isSecret;
}

function isSecretName(name: string): boolean {
  const own = name
    .replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, '_')
    .toLowerCase()
    .split(/[^a-z\d]+/);
  return !harmless.has(own.at(-1)) && (own.some((word) => words.has(word)) || parts.test(own.join('')));
}

/**
 * Without the secrets, also in parts and lists.
 * @param kept names of the outermost members that stay as they are
 */
export function withoutSecrets(members: Members, kept: readonly string[] = []): Members {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) =>
      kept.includes(name)
        ? [[name, value]]
        : isSecretColumn(name)
          ? []
          : [[name, innerWithoutSecrets(value)]],
    ),
  );
}

function innerWithoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(innerWithoutSecrets);
  if (isMembers(value)) return withoutSecrets(value);
  const inside = parsed(value);
  if (inside === value) return value;
  // JSON in a text stays as it is if it has no secrets.
  const left = JSON.stringify(innerWithoutSecrets(inside));
  return left === JSON.stringify(inside) ? value : left;
}
