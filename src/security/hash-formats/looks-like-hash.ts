// Whether a text is a password hash, so that it is not taken for a password.

const algorithm = '(?:argon2|pbkdf2|bcrypt|scrypt|sha-?\\d|md5|crypt|hmac)';

const hexDigest =
  '(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{48}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})';

/** Formats of password hashes, including those that Muster cannot check passwords against. */
const hashPatterns: readonly RegExp[] = [
  // PHC strings and the crypt family: $argon2id$, $pbkdf2-sha256$, $bcrypt-sha256$, $2b$, $6$, $y$, $apr1$, and $wp$ of
  // WordPress; with a ! before it if the account is locked.
  new RegExp(`^!{0,2}\\$(?:[1-9]|2[abxy]|g?y|apr1|wp|[\\w-]*${algorithm}[\\w-]*)\\$\\S{8,}$`, 'i'),
  // phpass and Drupal.
  /^(?:U?\$[PHS]\$)[./0-9A-Za-z]{20,}$/,
  // Django and Werkzeug: pbkdf2_sha256$, argon2$argon2id$, bcrypt_sha256$$2b$, sha1$, pbkdf2:sha256:600000$.
  new RegExp(`^(?:unsalted_)?${algorithm}[\\w:-]*\\$\\S{8,}$`, 'i'),
  // LDAP (RFC 2307), Dovecot and Spring: {SSHA}, {CRYPT}, {SHA512-CRYPT}, {bcrypt}, {pbkdf2@SpringSecurity_v5_8}; and {devise}.
  new RegExp(`^\\{[\\w.@-]*(?:${algorithm}|sha|ldap|devise)[\\w.@-]*\\}\\S{8,}$`, 'i'),
  // sha256:1000:salt:key, common in examples of PBKDF2.
  new RegExp(`^${algorithm}\\w*:\\S{16,}$`, 'i'),
  // Hexadecimal digests from MD5 to SHA-512; MySQL's begin with a star. The salt comes before or after the digest.
  new RegExp(`^\\*?${hexDigest}(?:[:.]\\S*)?$`, 'i'),
  new RegExp(`^[\\w./+:=-]{1,256}[:.]${hexDigest}$`, 'i'),
  // Django's value for an account without a password.
  /^![A-Za-z0-9]{40}$/,
  // Base64 digests of SHA-256 or longer, such as those of ASP.NET and Firebase.
  /^[A-Za-z0-9+/_-]{43,}={1,2}$/,
  // Credentials of Keycloak and Auth0 as JSON.
  /^\{.*"(?:secretData|algorithm)".*\}$/s,
  // PostgreSQL, SQL Server.
  /^(?:SCRAM-SHA-\d+\$|md5[0-9a-f]{32}$|0x0[12]00[0-9a-f]{40})/i,
];

/** Whether a text has the format of a password hash, known or not. It is then probably not a password. */
export function looksLikeHash(text: string): boolean {
  const trimmed = text.trim();
  return trimmed.length <= 4096 && hashPatterns.some((pattern) => pattern.test(trimmed));
}
