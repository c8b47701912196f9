// Only the owner can access files that Muster writes, with any umask and any existing files; and nobody sees a
// partial file.

import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { writePrivateFile } from '../../src/platform/private-files.ts';
import { commandLine, findings } from '../support/command-line.ts';
import { onEachEngine, temporaryFolder } from '../support/engines.ts';
import { shell, spawnMuster, startMuster } from '../support/spawn-muster.ts';

const timeout = 180_000;
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('private files', { concurrency: 2 }, () => {
  for (const umask of ['000', '022', '777'])
    test(`under umask ${umask} every folder has mode 0700 and every file 0600`, {
      timeout,
      // Root ignores the modes that the umask removes.
      skip: umask === '777' && process.getuid!() !== 0 && 'the shell itself could not write',
    }, async (t) => {
      const folder = await temporaryFolder(t);
      const { code, stderr } = await shell(
        `umask ${umask}; set -e
        muster demo --users 20 --create --data-dir ${folder}/a/data
        muster backup ${folder}/backup.db --data-dir ${folder}/a/data
        muster restore ${folder}/backup.db --data-dir ${folder}/b/data
        muster restore ${folder}/backup.db --data-dir ${folder}/b/data
        muster users export ${folder}/out.csv --hashes --data-dir ${folder}/a/data
        muster export ${folder}/out.tar.gz --data-dir ${folder}/a/data
        muster import ${folder}/out.tar.gz --create --data-dir ${folder}/d/data
        muster move --from sqlite:${folder}/a/data/muster.db --to sqlite:${folder}/c/moved.db`,
      );
      assert.equal(code, 0, stderr);
      const made = (readdirSync(folder, { recursive: true }) as string[]).sort();
      assert.equal(made.length, 15, made.join());
      for (const path of made) {
        const isFile = /\.(db|csv|gz)|before/.test(path);
        assert.equal(modeOf(join(folder, path)), isFile ? '600' : '700', path);
      }
    });

  test('a start takes from others what they may do with the database, and says so', {
    timeout,
  }, async (t) => {
    const workers = { MUSTER_WORKERS: '2' };
    const first = await spawnMuster(t, { env: workers });
    // Killed, so that the files of SQLite beside the database remain.
    await first.stop('SIGKILL');
    const files = readdirSync(first.dataDir).map((name) => join(first.dataDir, name));
    assert.ok(files.length >= 4, files.join());
    for (const file of files) chmodSync(file, 0o666);
    chmodSync(first.dataDir, 0o755);
    const second = await spawnMuster(t, { env: { ...workers, MUSTER_DATA_DIR: first.dataDir } });
    for (const name of readdirSync(second.dataDir))
      assert.equal(modeOf(join(second.dataDir, name)), '600', name);
    assert.equal(modeOf(second.dataDir), '700');
  });

  test('a folder that holds more than the database keeps its mode, and the check warns of it', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, { MUSTER_PORT: '0' });
    await muster.run('migrate');
    const warned = async () =>
      (await findings(muster, 'warning')).filter(({ finding }) =>
        /other users of this machine/.test(finding),
      );
    assert.deepEqual(await warned(), []);
    writeFileSync(join(muster.dataDir, 'notes.txt'), '');
    for (const mode of [0o755, 0o750, 0o770, 0o701]) {
      chmodSync(muster.dataDir, mode);
      await muster.run('migrate');
      assert.equal(modeOf(muster.dataDir), mode.toString(8));
      const [only, ...others] = await warned();
      assert.deepEqual(others, []);
      assert.equal(only?.subject, muster.dataDir);
      assert.match(only!.finding, /chmod 700/);
    }
    rmSync(join(muster.dataDir, 'notes.txt'));
    await muster.run('migrate');
    assert.equal(modeOf(muster.dataDir), '700');
    assert.deepEqual(await warned(), []);

    // The file of a service with several workers.
    const rates = join(muster.dataDir, 'muster.db-rates');
    writeFileSync(rates, '');
    chmodSync(rates, 0o644);
    assert.deepEqual(
      (await warned()).map(({ subject }) => subject),
      [rates],
    );
    await muster.run('migrate');
    assert.deepEqual(await warned(), []);
  });

  test('a backup that others can read is restored as a database that they cannot', { timeout }, async (t) => {
    const muster = await commandLine(t);
    const backup = join(muster.dataDir, 'backup.db');
    await muster.run('backup', backup);
    chmodSync(backup, 0o644);
    chmodSync(join(muster.dataDir, 'muster.db'), 0o644);
    await muster.run('restore', backup);
    for (const name of readdirSync(muster.dataDir))
      if (name !== 'backup.db') assert.equal(modeOf(join(muster.dataDir, name)), '600', name);
  });
});

onEachEngine((engine) => {
  test('an export replaces a file only where it is told to, and never one behind a link', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    const folder = await temporaryFolder(t);
    const [file, link, dangling] = ['out.csv', 'link.csv', 'dangling.csv'].map((name) => join(folder, name));
    writeFileSync(file!, 'precious', { mode: 0o644 });
    symlinkSync(file!, link!);
    symlinkSync(join(folder, 'nowhere'), dangling!);
    assert.match(
      await muster.fail('users', 'export', file!),
      /out\.csv exists already; use --overwrite to replace it/,
    );
    for (const target of [link!, dangling!])
      for (const flags of [[], ['--overwrite']])
        assert.match(await muster.fail('users', 'export', target, ...flags), /is a symbolic link/);
    assert.match(await muster.fail('users', 'export', folder, '--overwrite'), /is a folder/);
    assert.match(
      await muster.fail('users', 'export', join(folder, 'none/out.csv')),
      /the folder .*none does not exist/,
    );
    assert.equal(readFileSync(file!, 'utf8'), 'precious');
    assert.ok(!existsSync(join(folder, 'nowhere')));

    const { code, stderr } = await muster.attempt('users', 'export', file!, '--hashes', '--overwrite');
    assert.equal(code, 0, stderr);
    assert.match(readFileSync(file!, 'utf8'), /^id,/);
    assert.equal(modeOf(file!), '600');
    assert.deepEqual(readdirSync(folder).sort(), ['dangling.csv', 'link.csv', 'out.csv']);
  });

  test('an export that a signal ends leaves nothing, and what was there stays', { timeout }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    assert.equal((await muster.attempt('demo', '--users', '20000')).code, 0);
    const folder = await temporaryFolder(t);
    const file = join(folder, 'out.ndjson');
    writeFileSync(file, 'precious');
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      const command = startMuster(['users', 'export', file, '--overwrite'], { env: muster.env });
      let ended = false;
      const finished = command.finished.finally(() => {
        ended = true;
      });
      while (!ended && readdirSync(folder).length === 1) await new Promise((next) => setTimeout(next, 2));
      command.signal(signal);
      const { signal: endedBy, stderr } = await finished;
      assert.equal(endedBy, signal, stderr);
      assert.deepEqual(readdirSync(folder), ['out.ndjson']);
      assert.equal(readFileSync(file, 'utf8'), 'precious');
    }
  });
});

test('a file that is taken while another is written is refused, and stays', async (t) => {
  const folder = await temporaryFolder(t);
  const target = join(folder, 'target');
  const write = (overwrite: boolean) =>
    writePrivateFile(target, { overwrite }, async (draft) => {
      await draft.write('mine');
      writeFileSync(target, 'theirs');
    });
  await assert.rejects(write(false), /exists already/);
  assert.deepEqual(readdirSync(folder), ['target']);
  assert.equal(readFileSync(target, 'utf8'), 'theirs');
  await write(true);
  assert.equal(readFileSync(target, 'utf8'), 'mine');
  rmSync(target);
  await assert.rejects(
    writePrivateFile(target, { overwrite: false }, async () => {
      throw new Error('stop');
    }),
    /stop/,
  );
  assert.deepEqual(readdirSync(folder), []);
});
