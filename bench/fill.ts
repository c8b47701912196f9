// Creates the users and callers for the benchmarks.

import { bootstrap } from '../src/cli/serve/bootstrap.ts';
import { readConfig } from '../src/config.ts';
import { zone } from '../src/model/zone.ts';
import { openStore } from '../src/open-store.ts';
import { type ImportedRecord, importUsers } from '../src/resources/users/import-users.ts';
import { noBreaches } from '../src/security/breached-passwords.ts';
import { passwordHasher } from '../src/security/passwords.ts';
import { addCallers } from './callers.ts';
import { addSignIns } from './sign-ins.ts';

/** The API token of the first account, a sysadmin with all powers. */
export const token = 'bench-token-bench-token-bench-token-bench';

/** @param environment variables that select the database */
export async function fill(environment: Readonly<Record<string, string>>, users: number): Promise<void> {
  const config = readConfig({ bootstrapPassword: 'bench password 1', bootstrapToken: token }, environment);
  const store = await openStore(config);
  await bootstrap(config, store, Date.now);
  await importUsers(people(users), {
    store,
    clock: Date.now,
    zone: zone('UTC'),
    passwords: passwordHasher(0),
    passwordPolicy: { minPasswordLength: config.minPasswordLength, breached: noBreaches },
    publicUrl: '',
    anyPassword: false,
    withPrivileges: false,
    organizationId: 1,
    onRefused: ({ line }, reasons) => console.error(`person ${line}: ${reasons.join()}`),
    onBatch: () => {},
  });
  // After the first account.
  await addCallers(store, 2);
  await addSignIns(store);
  await store.close();
}

/** First names repeat after 500 users, last names after 977. One user in ten has agreed to the newsletter. */
async function* people(count: number): AsyncIterable<ImportedRecord> {
  for (let id = 2; id <= count; id++) {
    const fields = {
      email: `person${id}@example.com`,
      first_name: `First${id % 500}`,
      last_name: `Last${id % 977}`,
      newsletter_consent: id % 10 === 0,
    };
    yield { line: id, size: 0, fields: new Map(Object.entries(fields)) };
  }
}
