// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults of the wire: HTTP and JSON:API.

import type { Fault } from '../faults.ts';

export const httpFaults: readonly Fault[] = [];
