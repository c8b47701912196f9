// `users import`: files with valid and invalid rows.

import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { fileFormats, lineOf, writeAccounts } from '../support/account-files.ts';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { type EngineName, onEachEngine, temporaryFolder } from '../support/engines.ts';
import { spawnMuster } from '../support/spawn-muster.ts';
import { document, send } from '../support/start-app.ts';

const timeout = 180_000;

const person = (name: string, more: Readonly<Record<string, unknown>> = {}) => ({
  email: `${name}@email.com`,
  first_name: name,
  last_name: 'Lee',
  ...more,
});

/** Runs an import: its counts, refused rows and exit status. */
async function importing({ attempt }: Pick<CommandLine, 'attempt'>, ...args: readonly string[]) {
  const { code, stdout, stderr } = await attempt('users', 'import', ...args, '--json');
  const refused = [...stderr.matchAll(/^line (\d+): (.*)$/gm)].map(([, line, reason]) => [
    Number(line),
    reason,
  ]);
  assert.doesNotMatch(stderr, /^ +at /m);
  return { code, counts: stdout === '' ? null : JSON.parse(stdout), refused, stderr };
}

async function emails({ json }: Pick<CommandLine, 'json'>): Promise<string[]> {
  return (await json('users', 'list')).map(({ email }: { email: string }) => email);
}

const folderAndDatabase = async (t: TestContext, engine: EngineName) => ({
  folder: await temporaryFolder(t),
  muster: await commandLine(t, {}, engine),
});

onEachEngine((engine) => {
  describe('users import', { concurrency: 2 }, () => importSuite(engine));
});

function importSuite(engine: EngineName): void {
  for (const format of fileFormats) {
    test(`refuses each bad row of ${format} with its line and reason, takes the others and ends with 1`, {
      timeout,
    }, async (t) => {
      const { folder, muster } = await folderAndDatabase(t, engine);
      const file = writeAccounts(folder, 'people', format, [
        person('ann'),
        person('bea', { email: 'no address' }),
        person('cy', { first_name: '\u200b', last_name: 'x'.repeat(256) }),
        person('dee', { last_name: undefined }),
        person('eve', { time_zone: 'Mars/Olympus' }),
        person('fay', { locale: 'xx_XX' }),
        person('gus', { id: -1 }),
        person('hal', { password_hash: 'd41d8cd98f00b204e9800998ecf8427e' }),
        person('ida', { memberships: [{ organization_id: 1, role: 'emperor' }] }),
        person('jon', { default_organization_id: 99 }),
        person('kim'),
      ]);
      const { code, counts, refused } = await importing(muster, file);
      assert.deepEqual(refused, [
        [lineOf(format, 1), 'email is not an email'],
        [lineOf(format, 2), "first_name can't be blank, last_name is too long (maximum is 255 characters)"],
        [lineOf(format, 3), "last_name can't be blank"],
        [lineOf(format, 4), 'time_zone is not included in the list'],
        [lineOf(format, 5), 'locale is not included in the list'],
        [lineOf(format, 6), 'id is not a whole number from 1 to 999999999999999'],
        [lineOf(format, 7), 'password_hash has an unknown format'],
        [lineOf(format, 8), 'memberships has a role that is not one of owner, admin, member'],
        [lineOf(format, 9), 'organization 99 does not exist'],
      ]);
      assert.deepEqual(counts, { rows: 11, created: 2, existing: 0, refused: 9 });
      assert.equal(code, 1);
      assert.deepEqual(await emails(muster), ['ann@email.com', 'kim@email.com']);
    });

    test(`makes nobody twice when ${format} is imported again, and ends with 0`, { timeout }, async (t) => {
      const { folder, muster } = await folderAndDatabase(t, engine);
      const people = Array.from({ length: 1200 }, (_, i) => person(`person${i}`));
      const file = writeAccounts(folder, 'people', format, people);
      const first = await importing(muster, file);
      assert.deepEqual(first.counts, { rows: 1200, created: 1200, existing: 0, refused: 0 });
      assert.equal(first.code, 0);
      await muster.run('users', 'update', 'person7@email.com', 'last_name=changed since');
      // Upper case makes no difference in an address, and a row that is in the file twice is one account.
      const more = [person('PERSON0'), person('new'), person('New')];
      const again = writeAccounts(folder, 'more', format, [...people, ...more]);
      const second = await importing(muster, again);
      assert.deepEqual(second.counts, { rows: 1203, created: 1, existing: 1202, refused: 0 });
      assert.equal(second.code, 0);
      const [changed, list] = await Promise.all([
        muster.json('users', 'show', 'person7@email.com'),
        muster.json('users', 'list', '--limit', '5000'),
      ]);
      assert.equal(changed.last_name, 'changed since');
      assert.equal(list.length, 1201);
    });

    test(`goes on from a line of ${format}, whose number is that of the refusals`, { timeout }, async (t) => {
      const { folder, muster } = await folderAndDatabase(t, engine);
      const rows = [person('ann'), person('bea'), person('cy', { email: 'none' }), person('dee')];
      const file = writeAccounts(folder, 'people', format, rows);
      const { counts, refused } = await importing(muster, file, '--from-line', String(lineOf(format, 2)));
      assert.deepEqual(refused, [[lineOf(format, 2), 'email is not an email']]);
      assert.deepEqual(counts, { rows: 2, created: 1, existing: 0, refused: 1 });
      assert.deepEqual(await emails(muster), ['dee@email.com']);
    });

    test(`says that no record of ${format} begins after the line to go on from`, { timeout }, async (t) => {
      const { folder, muster } = await folderAndDatabase(t, engine);
      const file = writeAccounts(folder, 'people', format, [person('ann'), person('bea')]);
      const last = lineOf(format, 1);
      assert.match(
        await muster.fail('users', 'import', file, '--from-line', '99'),
        new RegExp(
          `^muster: Nothing was imported: no record begins on line 99 or later\\. The last one begins on line ${last}\\.$`,
          'm',
        ),
      );
      const none = writeAccounts(folder, 'nobody', format, []);
      assert.match(
        await muster.fail('users', 'import', none, '--from-line', '2'),
        /^muster: Nothing was imported: no record begins on line 2 or later\. The file has no records\.$/m,
      );
      assert.deepEqual((await importing(muster, file, '--from-line', String(last))).counts.created, 1);
    });

    test(`goes on with an import of ${format} that was stopped after the last record, with nothing left to do`, {
      timeout,
    }, async (t) => {
      const { folder, muster } = await folderAndDatabase(t, engine);
      const file = writeAccounts(folder, 'people', format, [person('ann'), person('bea')]);
      const next = String(lineOf(format, 1) + 1);
      const { code, stdout, stderr } = await muster.attempt(
        ...['users', 'import', file, '--from-line', next, '--json'],
      );
      assert.deepEqual(JSON.parse(stdout), { rows: 0, created: 0, existing: 0, refused: 0 });
      assert.match(stderr, /^Nothing is left to import: no record begins on line \d or later\. /m);
      assert.equal(code, 0);
    });

    test(`makes those of ${format} members of the organization that have no other`, {
      timeout,
    }, async (t) => {
      const { folder, muster } = await folderAndDatabase(t, engine);
      await muster.run('organizations', 'create', 'First');
      await muster.run('organizations', 'create', 'Second');
      const file = writeAccounts(folder, 'people', format, [
        person('ann'),
        person('bea', { memberships: [{ organization_id: 1, role: 'owner' }] }),
        person('cy', { default_organization_id: 1 }),
        person('dee', { memberships: [{ organization_id: 7, role: 'admin', organization_name: 'Seventh' }] }),
      ]);
      const { counts } = await importing(muster, file, '--organization', '2');
      assert.deepEqual(counts, { rows: 4, created: 4, existing: 0, refused: 0 });
      const list = await muster.json('users', 'list');
      assert.deepEqual(
        list.map((user: Record<string, unknown>) => user.default_organization_id),
        [2, 1, 1, 7],
      );
      const exported = (await muster.attempt('users', 'export', '-', '--format', 'ndjson')).stdout;
      const memberships = exported
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).memberships)
        .map(([{ organization_id, organization_name, role }, ...more]) => [
          [organization_id, organization_name, role],
          ...more,
        ]);
      assert.deepEqual(memberships, [
        [[2, 'Second', 'member']],
        [[1, 'First', 'owner']],
        [[1, 'First', 'member']],
        [[7, 'Seventh', 'admin']],
      ]);
      const organizations = await muster.json('organizations', 'list');
      assert.equal(organizations.at(-1).slug, '7-seventh');
      assert.match(
        (await importing(muster, file, '--organization', '99')).stderr,
        /There is no organization 99/,
      );
    });

    test(`hashes the plain passwords of ${format}, which their owners can then change`, {
      timeout,
    }, async (t) => {
      const { folder, muster } = await folderAndDatabase(t, engine);
      const service = await spawnMuster(t, { env: muster.env });
      const password = 'Plain, but "quoted" & ünïcode';
      const file = writeAccounts(folder, 'people', format, [person('ann', { password }), person('bea')]);
      const { counts } = await importing(muster, file, '--organization', '1');
      assert.deepEqual(counts, { rows: 2, created: 2, existing: 0, refused: 0 });
      const { user_id: id, token } = await muster.json('tokens', 'create', 'ann@email.com');
      const change = (current_password: string) =>
        send(service.url, 'PATCH', `/api/v2/users/${id}/update_password`, {
          token,
          body: document({ current_password, password: 'another one of hers' }),
        });
      assert.equal((await change('plain, but "quoted" & ünïcode')).status, 422);
      assert.equal((await change(password)).status, 200);
      const { stdout } = await muster.attempt('users', 'export', '-', '--format', 'csv', '--hashes');
      assert.doesNotMatch(stdout, /Plain, but/);
      assert.equal(stdout.match(/\$argon2id\$/g)?.length, 2);
    });
  }

  test('tells which lines are no JSON and which are no object, and takes the others', {
    timeout,
  }, async (t) => {
    const { folder, muster } = await folderAndDatabase(t, engine);
    const file = writeAccounts(folder, 'people', 'ndjson', [person('ann')]);
    appendFileSync(file, `{"email":\n\n[1]\nnull\n"text"\n${JSON.stringify(person('bea'))}`);
    const { code, counts, refused } = await importing(muster, file);
    assert.deepEqual(refused, [
      [2, 'is not JSON'],
      [4, 'is not an object'],
      [5, 'is not an object'],
      [6, 'is not an object'],
    ]);
    assert.deepEqual(counts, { rows: 6, created: 2, existing: 0, refused: 4 });
    assert.equal(code, 1);
  });

  test('tells which lines of CSV have another number of cells, and takes the others', {
    timeout,
  }, async (t) => {
    const { folder, muster } = await folderAndDatabase(t, engine);
    const file = writeAccounts(folder, 'people', 'csv', [person('ann')]);
    appendFileSync(file, 'bea@email.com,Bea\ncy@email.com,Cy,Lee,more\ndee@email.com,"De\ne",Lee\n');
    appendFileSync(file, 'eve,Eve,Lee\nfay@email.com,Fay,Lee\n');
    const { code, counts, refused } = await importing(muster, file);
    assert.deepEqual(
      refused.map(([line]) => line),
      // One refused row is on lines 5 and 6: a name must not have two lines.
      [3, 4, 5, 7],
    );
    assert.deepEqual(counts, { rows: 6, created: 2, existing: 0, refused: 4 });
    assert.equal(code, 1);
    assert.deepEqual(await emails(muster), ['ann@email.com', 'fay@email.com']);
  });

  test('says in a sentence that there is no such file', { timeout }, async (t) => {
    const { folder, muster } = await folderAndDatabase(t, engine);
    const { code, counts, stderr } = await importing(muster, `${folder}/nowhere.csv`);
    assert.equal(code, 1);
    assert.equal(counts, null);
    assert.match(stderr, /nowhere\.csv/);
  });
}
