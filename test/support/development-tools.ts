// The tools in the folder `tools`, which has its own lock file.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const toolsFolder = fileURLToPath(new URL('../../tools/', import.meta.url));
const binaries = join(toolsFolder, 'node_modules/.bin');

/** A test that is skipped, with a reason, if the tools are not installed. */
export function testWithTools(name: string, work: (t: TestContext) => Promise<void>): void {
  test(name, { timeout: 300_000 }, (t) => {
    if (existsSync(binaries)) return work(t);
    t.skip('the tools are not installed: npm ci --prefix tools');
  });
}

/** Imports a package of the tools. */
export const requireTool = createRequire(join(toolsFolder, 'package.json'));

export interface ToolRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the tools to its end, with the same Node as the tests. */
export async function runTool(command: string, ...args: readonly string[]): Promise<ToolRun> {
  const quiet = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };
  const options = { cwd: toolsFolder, env: { ...process.env, ...quiet }, maxBuffer: 16 * 1024 * 1024 };
  const finished = promisify(execFile)(process.execPath, [join(binaries, command), ...args], options);
  return finished.then(
    (output) => ({ code: 0, ...output }),
    (error: ToolRun) => {
      if (typeof error.code !== 'number') throw error;
      return error;
    },
  );
}
