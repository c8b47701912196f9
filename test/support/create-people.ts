import type { Stored } from '../../src/model/kind.ts';
import { byOperator } from '../../src/resources/operations/record-change.ts';
import { insertUser } from '../../src/resources/users/create-user.ts';
import type { TestApp } from './start-app.ts';

let count = 0;

/**
 * Creates many accounts in one transaction, for tests of lists. They have no tokens.
 * @param people attributes as stored; `updated_at` in milliseconds since 1970
 * @returns their ids, in the same order
 */
export async function createPeople(
  app: TestApp,
  people: readonly Readonly<Record<string, Stored>>[],
): Promise<number[]> {
  const rows = people.map((person) => ({
    email: `person${++count}@email.com`,
    first_name: 'name',
    last_name: 'surname',
    ...person,
  }));
  return app.store.write(async (transaction) => {
    const ids: number[] = [];
    for (const { updated_at: now = app.clock.now, ...values } of rows as Record<string, Stored>[])
      ids.push(await insertUser(transaction, byOperator, values, { now: now as number, passwordHash: null }));
    return ids;
  });
}
