// Refuses passwords that are commonly used, expected or compromised (NIST SP 800-63B-4 section 3.1.1.2): those in a
// dictionary, sequences and repetitions. The whole password is compared; a password that only contains one is accepted.

const rows = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  '1q2w3e4r5t6y7u8i9o0p',
];

/** Each row, repeated, forwards and backwards. A password that is a part of one of these is a sequence. */
const sequences = rows.flatMap((row) => {
  const forwards = (row === '01234567890' ? '0123456789' : row).repeat(30);
  return [forwards, [...forwards].reverse().join('')];
});

let dictionary: Promise<Set<string>> | undefined;

/** Takes several megabytes of memory, so it is loaded only when the first password is set. */
async function loadDictionary(): Promise<Set<string>> {
  const { default: common } = await import('@zxcvbn-ts/language-common');
  return new Set(common.dictionary['passwords-common'] as string[]);
}

/** @param password normalized to NFC */
export async function isCommonPassword(password: string): Promise<boolean> {
  dictionary ??= loadDictionary();
  const lower = password.toLowerCase();
  return (
    (await dictionary).has(lower) ||
    /^(.{1,3})\1+$/su.test(lower) ||
    (lower.length <= 130 && sequences.some((sequence) => sequence.includes(lower)))
  );
}
