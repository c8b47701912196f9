// The times of directories, as ISO 8601.

/** Generalized time (RFC 4517 section 3.3.13), such as 20240102030405Z, 202401020304+0100 and 20240102030405.0Z. */
export function generalizedTime(text: string | undefined): string | null {
  const [, year, month, day, hour, minute = '00', second = '00', fraction = '', zone] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)?)?(?:[.,](\d+))?(Z|[+-]\d{2}(?:\d{2})?)$/.exec(text ?? '') ??
    [];
  if (year === undefined) return null;
  const offset = zone === 'Z' ? 'Z' : `${zone!.slice(0, 3)}:${zone!.slice(3) || '00'}`;
  const ms = fraction.padEnd(3, '0').slice(0, 3);
  return isoOf(Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}${offset}`));
}

/** 100 nanoseconds since 1601, of Active Directory; null if it means never. */
export function fileTime(text: string | undefined): string | null {
  if (!/^\d{1,19}$/.test(text ?? '') || text === '0' || text === '9223372036854775807') return null;
  return isoOf(Number(BigInt(text!) / 10_000n) - 11_644_473_600_000);
}

/** Days since 1970, of shadowAccount; null if it means never. */
export function dayTime(text: string | undefined): string | null {
  return /^[1-9]\d{0,6}$/.test(text ?? '') ? isoOf(Number(text) * 86_400_000) : null;
}

function isoOf(ms: number): string | null {
  return Number.isNaN(ms) || Math.abs(ms) > 8.64e15 ? null : new Date(ms).toISOString();
}
