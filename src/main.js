#!/usr/bin/env -S node --max-semi-space-size=4 --heap-growing-percent=15
// The start of the command line. This file is JavaScript that Node 12 can run, and it imports only what Node 12 has, so
// that an old Node prints which version is needed.

// biome-ignore lint/style/useNodejsImportProtocol: Node 12 does not support `node:`.
import { readFileSync } from 'fs';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const needed = engines.node.replace('>=', '');

if (isOlder(process.versions.node, needed)) {
  process.stderr.write(
    `muster: Node ${needed} or newer is needed, this is Node ${process.versions.node} (https://nodejs.org/en/download)\n`,
  );
  process.exitCode = 1;
} else {
  import('node:module').then(({ enableCompileCache }) => {
    // Caches compiled code in a folder below the temporary folder. The next start takes less time and memory.
    enableCompileCache();
    return import('./cli/program.ts');
  });
}

/** @param {string} version @param {string} than */
function isOlder(version, than) {
  const [major, minor] = version.split('.').map(Number);
  const [thanMajor, thanMinor] = than.split('.').map(Number);
  return major < thanMajor || (major === thanMajor && minor < thanMinor);
}
