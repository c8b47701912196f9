// A process that creates and changes users, with an audit event for each change, until it is killed: `node FILE
// DATABASE_URL`.

import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { users } from '../../src/resources/users/users.ts';
import { recordedAct } from './recorded-act.ts';

const store = await openStore(readConfig({ databaseUrl: process.argv[2]! }, {}));
for (let i = 0; ; i++) {
  const id = await store.write(async (transaction) => {
    const made = await transaction.records(users).insert({
      email: `person${i}@email.com`,
      first_name: 'A',
      last_name: 'B',
      updated_at: 1,
    });
    transaction.record(() => recordedAct('user.create', made));
    return made;
  });
  await store.changeRecord(
    users,
    id,
    async () => ({ first_name: 'changed' }),
    () => recordedAct('user.update', id),
  );
  process.stdout.write(`${id}\n`);
}
