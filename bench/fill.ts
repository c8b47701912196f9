// A database of so many users.

import { bootstrap } from '../src/bootstrap.ts';
import { openStore } from '../src/cli/open-store.ts';
import { readConfig } from '../src/config.ts';
import { insertUser } from '../src/resources/users/create-user.ts';

/** The first account's, a sysadmin with all powers. */
export const token = 'bench-token-bench-token-bench-token-bench';

export async function fill(folder: string, users: number): Promise<void> {
  const config = readConfig(
    { dataDir: folder, bootstrapPassword: 'bench password 1', bootstrapToken: token },
    {},
  );
  const store = await openStore(config);
  await bootstrap(config, store, Date.now);
  const values = (i: number) => ({
    email: `person${i}@example.com`,
    first_name: `First${i % 500}`,
    last_name: `Last${i % 977}`,
    default_organization_id: 1,
  });
  for (let i = 2; i <= users; i += 1000)
    await store.write(async (session) => {
      for (let j = i; j < Math.min(i + 1000, users + 1); j++)
        await insertUser(session, values(j), { now: Date.now(), passwordHash: null });
    });
  await store.close();
}
