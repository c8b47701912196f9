// Which passwords are commonly used, expected or compromised (NIST SP 800-63B-4 section 3.1.1.2): a dictionary, and what
// is sequential or repetitive. The whole password is compared, never a part of it.

const rows = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  '1q2w3e4r5t6y7u8i9o0p',
];

/** Runs of these are no secret: each row repeated past the longest password, forwards and backwards. */
const sequences = rows.flatMap((row) => {
  const forwards = (row === '01234567890' ? '0123456789' : row).repeat(30);
  return [forwards, [...forwards].reverse().join('')];
});

let dictionary: Promise<Set<string>> | undefined;

/** Megabytes that a service may never need, so they are read at the first password that is set. */
async function loadDictionary(): Promise<Set<string>> {
  const { default: common } = await import('@zxcvbn-ts/language-common');
  return new Set(common.dictionary['passwords-common'] as string[]);
}

/** @param password normalised to NFC */
export async function isCommonPassword(password: string): Promise<boolean> {
  dictionary ??= loadDictionary();
  const lower = password.toLowerCase();
  return (
    (await dictionary).has(lower) ||
    /^(.{1,3})\1+$/su.test(lower) ||
    (lower.length <= 130 && sequences.some((sequence) => sequence.includes(lower)))
  );
}
