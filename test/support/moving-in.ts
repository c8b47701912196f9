// Runs the recipes of docs/moving-in.md on files in the forms of other systems, and compares what has come along.

import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { operatorOf } from '../../src/cli/accounts/operator.ts';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { users } from '../../src/resources/users/users.ts';
import type { Store } from '../../src/store/store.ts';
import { commandLine } from './command-line.ts';
import { onEachEngine, temporaryFolder } from './engines.ts';
import { blocksOf, isAsShown } from './page-commands.ts';
import { fixturePath } from './read-system.ts';
import { type Environment, runMuster, shell } from './spawn-muster.ts';

export interface Recipe {
  /** Its heading in the page. */
  readonly section: string;
  /** Files in test/fixtures/moving-in, by the names that the recipe gives them. */
  readonly files: Readonly<Record<string, string>>;
  readonly settings?: Environment;
  /** Some or all of the accounts that are there in the end, by their emails. */
  readonly people: Readonly<Record<string, MovedPerson>>;
}

export interface MovedPerson {
  /** First and last name. */
  readonly name: readonly [string, string];
  /** The source and the external id; absent for files of no system. */
  readonly from?: readonly [string, string | null];
  readonly verified?: boolean | null;
  /** The end of access: ISO 8601, or `now` for the time of the import. Absent if there is none. */
  readonly locked?: string;
  /** ISO 8601; absent for the time of the import. */
  readonly created?: string;
  /** The right password; absent if there is none. */
  readonly password?: string;
  /** Names of organizations, with the roles. */
  readonly memberships?: readonly (readonly [string, string])[];
  /** Details that must be there, among others. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** One test on each engine. All commands run in one folder and on one database. */
export function movesIn(recipe: Recipe): void {
  const { section, files, settings = {}, people } = recipe;
  onEachEngine((engine) => {
    test(`${section}: people move in by the commands of the recipe, and nobody twice`, async (t) => {
      const { env } = await commandLine(t, settings, engine);
      const folder = await temporaryFolder(t);
      for (const [name, fixture] of Object.entries(files))
        copyFileSync(fixturePath(fixture), join(folder, name));
      const blocks = blocksOf('moving-in.md', section);
      const began = Date.now();
      for (const { commands, shown } of blocks) {
        const { stdout, stderr } = await shell(`cd '${folder}'\n${commands}`, { env });
        for (const line of (shown ?? '').trimEnd().split('\n'))
          assert.ok(
            `${stderr}\n${stdout}`.split('\n').some((printed) => isAsShown(line, printed)),
            `${commands}shows ${line}, but it prints\n${stderr}\n${stdout}`,
          );
      }
      const config = readConfig({}, env);
      const store = await openStore(config);
      try {
        for (const [email, person] of Object.entries(people))
          assert.deepEqual(
            await described(store, email, person, began, operatorOf(store, config).services.passwords),
            { ...person, details: person.details ?? {} },
            email,
          );
      } finally {
        await store.close();
      }
      const [email, { password }] = Object.entries(people).find(([, one]) => one.password !== undefined) ?? [
        null,
        { password: undefined },
      ];
      if (email !== null) {
        const { stdout } = await runMuster(['users', 'verify', email], { env, input: password! });
        assert.match(stdout, /password +right/);
      }
      await Promise.all(
        blocks.map(async ({ commands }) => {
          const { stdout } = await shell(`cd '${folder}'\n${commands}`, { env });
          const created = [...stdout.matchAll(/^created +(\d+)$/gm)].map(([, count]) => count);
          assert.deepEqual(new Set(created), new Set(['0']), commands);
        }),
      );
    });
  });
}

type Passwords = ReturnType<typeof operatorOf>['services']['passwords'];

async function described(
  store: Store,
  email: string,
  expected: MovedPerson,
  began: number,
  passwords: Passwords,
): Promise<MovedPerson> {
  const user = await store.read.records(users).findByIdentity('email', email);
  assert.ok(user !== null, `There is no ${email}`);
  const origin = (await store.read.origins.listOf([user.id])).get(user.id);
  const hash = await store.read.passwords.find(user.id);
  const { password } = expected;
  const isRight =
    hash !== null &&
    password !== undefined &&
    (await passwords.run('signed_in', (hashing) => hashing.verify(hash, password)));
  const organizations = new Map((await store.read.organizations.list()).map(({ id, name }) => [id, name]));
  const joined = await store.read.memberships.listAllOf([user.id]);
  const iso = (ms: number) => new Date(ms).toISOString();
  const end = user.account_access_expires_at as number | null;
  const details = JSON.parse(origin?.details ?? '{}');
  return {
    name: [String(user.first_name), String(user.last_name)],
    ...(origin !== undefined && {
      from: [origin.source, origin.externalId] as const,
      verified: origin.emailVerified,
    }),
    // A time in the file is long before the import.
    ...(end !== null && { locked: end >= began ? 'now' : iso(end) }),
    ...(Number(user.created_at) < began && { created: iso(Number(user.created_at)) }),
    ...(hash !== null && { password: isRight ? password! : 'another' }),
    ...(joined.length > 0 && {
      memberships: joined.map(
        ({ organization_id, role }) => [organizations.get(organization_id)!, role] as const,
      ),
    }),
    details: Object.fromEntries(Object.keys(expected.details ?? {}).map((name) => [name, details[name]])),
  };
}
