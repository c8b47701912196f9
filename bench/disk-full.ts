// Checks how the service behaves on a full disk. The disk is a small tmpfs, which POSTs fill until they are refused. Reads
// must still work, and writes must work again when there is space. Run `node bench/disk-full.ts` as root, because it mounts
// a file system. It always unmounts it.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fill, token } from './fill.ts';
import { type RunningServer, startMuster } from './servers.ts';

if (process.getuid?.() !== 0) {
  console.log('skipped: only root can mount a file system; run this as root');
  process.exit(0);
}

const sizeMiB = 64;
/** Size of a file that is deleted when the disk is full, to make space again. It stands for a file of another program. */
const ballastMiB = 16;

// The log is on another disk.
const outside = mkdtempSync(join(tmpdir(), 'muster-full-'));
const mountPoint = join(outside, 'disk');
mkdirSync(mountPoint);
const checks: { readonly what: string; readonly seen: string; readonly ok: boolean }[] = [];
let server: RunningServer | undefined;
execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m,mode=0700`, 'muster-full', mountPoint]);
try {
  const folder = join(mountPoint, 'data');
  const ballast = join(mountPoint, 'ballast');
  mkdirSync(folder);
  writeFileSync(ballast, Buffer.alloc(ballastMiB * 1024 * 1024));
  await fill({ MUSTER_DATA_DIR: folder }, 1000);
  server = await startMuster(outside, { MUSTER_DATA_DIR: folder });
  const { port } = server;

  const filled = await postUntilRefused(port);
  check(
    'POST with a full disk',
    `${filled.status} ${filled.code} after ${filled.created} accounts`,
    filled.status === 503,
  );
  check('free bytes on the full disk', String(freeBytes()), true);
  const again = await post(port, 'while-full');
  check('one more POST', `${again.status}, Retry-After ${again.retryAfter}`, again.status === 503);
  await checkReads(port, 'with a full disk', filled.created + 1000);

  rmSync(ballast);
  const resumed = await post(port, 'after-space');
  check('POST with space again', String(resumed.status), resumed.status === 201);
  const total = await checkReads(port, 'with space again', filled.created + 1001);
  check('accounts created with 201', String(filled.created + 1001), total === filled.created + 1001);

  await server.stop();
  server = undefined;
  const verdict = execFileSync(
    process.execPath,
    [join(import.meta.dirname, '../src/main.js'), 'check', '--data-dir', folder, '--json'],
    { encoding: 'utf8' },
  );
  const errors = (JSON.parse(verdict) as { level: string }[]).filter(({ level }) => level === 'error');
  check('muster check after the stop', `${errors.length} errors`, errors.length === 0);
} finally {
  await server?.stop();
  execFileSync('umount', [mountPoint]);
  rmSync(outside, { recursive: true });
}
console.table(checks.map(({ what, seen, ok }) => ({ what, seen, met: ok ? 'yes' : 'NO' })));
if (checks.some(({ ok }) => !ok)) process.exitCode = 1;

function check(what: string, seen: string, ok: boolean): void {
  checks.push({ what, seen, ok });
}

function freeBytes(): number {
  const { bavail, bsize } = statfsSync(mountPoint);
  return bavail * bsize;
}

/** Stops after 20 refusals in a row, because a single refused record may only be too large for the space that is left. */
async function postUntilRefused(port: number): Promise<{ created: number; status: number; code: string }> {
  let created = 0;
  let refusals = 0;
  for (let n = 0; n < 20_000; n++) {
    const { status, code } = await post(port, `filler${n}`);
    if (status === 201) created++;
    refusals = status === 201 ? 0 : refusals + 1;
    if (refusals === 20) return { created, status, code };
  }
  return { created, status: 0, code: 'never refused' };
}

async function post(
  port: number,
  name: string,
): Promise<{ status: number; code: string; retryAfter: string | null }> {
  const attributes = {
    email: `${name}@example.com`,
    first_name: 'Full',
    last_name: 'Disk',
    // Large, so that the disk is full soon.
    preferences: { note: 'x'.repeat(20_000) },
  };
  const response = await fetch(`http://127.0.0.1:${port}/api/v2/users`, {
    method: 'POST',
    headers: { 'X-Auth-Token': token, 'Content-Type': 'application/vnd.api+json' },
    body: JSON.stringify({ data: { type: 'users', attributes } }),
  });
  const body = (await response.json()) as { errors?: { code: string }[] };
  const retryAfter = response.headers.get('retry-after');
  return { status: response.status, code: body.errors?.[0]?.code ?? '', retryAfter };
}

/** @returns the total count of the list */
async function checkReads(port: number, when: string, expected: number): Promise<number> {
  const get = (path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'X-Auth-Token': token } });
  const one = await get('/api/v2/users/1');
  await one.body?.cancel();
  check(`GET of one user ${when}`, String(one.status), one.status === 200);
  const list = await get('/api/v2/users?page[size]=1');
  const { meta } = (await list.json()) as { meta: { total_count: number } };
  check(
    `total of the list ${when}`,
    `${list.status}, ${meta.total_count} of ${expected}`,
    meta.total_count === expected,
  );
  const ready = await get('/health/ready');
  await ready.body?.cancel();
  check(`/health/ready ${when}`, String(ready.status), ready.status === 200);
  return meta.total_count;
}
