// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults of kinds of attributes and of queries.

import type { Fault } from '../faults.ts';

export const modelFaults: readonly Fault[] = [];
