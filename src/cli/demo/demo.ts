// `muster demo`: creates realistic users and organizations. The same seed creates the same ones.

import type { Config } from '../../config.ts';
import { zone } from '../../model/zone.ts';
import { membershipRules } from '../../resources/memberships/membership-rules.ts';
import { deleteRecord } from '../../resources/operations/delete.ts';
import { importUsers } from '../../resources/users/import-users.ts';
import { users } from '../../resources/users/users.ts';
import { noBreaches } from '../../security/breached-passwords.ts';
import { passwordHasher } from '../../security/passwords.ts';
import type { Store } from '../../store/store.ts';
import { membershipIn } from '../accounts/named-records.ts';
import { operatorOf } from '../accounts/operator.ts';
import { type OutputOptions, printRecord } from '../print.ts';
import { progressBar } from '../progress.ts';
import { demoPeople, type Leaver } from './demo-people.ts';

export async function demoCommand(
  store: Store,
  config: Config,
  { users: count, seed, json }: OutputOptions & { users: number; seed: number },
): Promise<void> {
  const progress = progressBar(count);
  // Organizations of an earlier demo with another seed may exist.
  const known = new Map((await store.read.organizations.list()).map(({ id, name }) => [id, name]));
  const { records, leavers } = demoPeople(count, seed, known);
  const counts = await importUsers(records, {
    store,
    clock: Date.now,
    zone: zone(config.timeZone),
    passwords: passwordHasher(0),
    passwordPolicy: { minPasswordLength: config.minPasswordLength, breached: noBreaches },
    publicUrl: config.publicUrl,
    anyPassword: false,
    withPrivileges: false,
    organizationId: null,
    onRefused: ({ line }, reasons) => process.stderr.write(`person ${line}: ${reasons.join(', ')}\n`),
    onBatch: ({ rows }) => progress.update(rows, rows),
  });
  for (const leaver of leavers) await leave(store, config, leaver);
  progress.stop();
  printRecord({ users: counts.created, there_already: counts.existing }, { ...(json && { json }) });
}

/** Not if they have left in an earlier demo, or were added again since. */
async function leave(
  store: Store,
  config: Config,
  { email, organizationId, joinedAt }: Leaver,
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const user = await store.read.records(users).findByIdentity('email', email);
  const membership = user && (await membershipIn(store.read, organizationId, user.id));
  if (membership?.created_at === joinedAt)
    await deleteRecord(membershipRules, services, writer, membership.id);
}
