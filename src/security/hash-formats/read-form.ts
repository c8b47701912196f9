import { type Check, type HashForm, HashProblem } from './foreign-hash.ts';

/**
 * @returns how passwords are checked against this hash
 * @throws HashProblem
 */
export function readForm(forms: readonly HashForm[], hash: string): { format: string; check: Check } {
  for (const { format, pattern, read } of forms) {
    const match = pattern.exec(hash);
    if (match !== null) return { format, check: read([...match]) };
  }
  throw new HashProblem('has an unknown format');
}
