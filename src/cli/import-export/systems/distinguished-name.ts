// Names of entries in a directory (RFC 4514), such as uid=ann,ou=People,dc=example,dc=com.

/** What one entry is compared by, and the entries above it, from the nearest to the root. */
export function namePath(dn: string): readonly string[] {
  const parts = (dn.match(/(?:\\.|[^\\,])+/gs) ?? []).map(comparable);
  return parts.map((_, i) => parts.slice(i).join('\n'));
}

/** What an entry is compared by: in any case, with any spaces, and however it is escaped. */
export function nameKey(dn: string): string {
  return namePath(dn)[0] ?? '';
}

function comparable(part: string): string {
  const at = part.indexOf('=');
  const value = unescaped(part.slice(at + 1)).replaceAll(/\s+/g, ' ');
  return `${part.slice(0, at).trim()}=${value.trim()}`.normalize('NFKC').toLowerCase();
}

function unescaped(value: string): string {
  if (!value.includes('\\')) return value;
  return value
    .replaceAll(/(?:\\[0-9a-f]{2})+/gi, (hex) => Buffer.from(hex.replaceAll('\\', ''), 'hex').toString())
    .replaceAll(/\\(.)/gs, '$1');
}
