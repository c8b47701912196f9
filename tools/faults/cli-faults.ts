// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults of the command line.

import type { Fault } from '../faults.ts';

export const cliFaults: readonly Fault[] = [];
