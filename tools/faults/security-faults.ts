// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults of passwords, hashes and tokens.

import type { Fault } from '../faults.ts';

export const securityFaults: readonly Fault[] = [];
