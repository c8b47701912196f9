#!/usr/bin/env -S node --max-semi-space-size=4 --heap-growing-percent=15
// The command line. What Node makes of the source is kept from one start to the next, in its folder below the temporary
// one: a start takes less time, and less memory, as nothing has to be stripped of its types. This file has none, or it
// would have to be stripped.

import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('./cli/program.ts');
