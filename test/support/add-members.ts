import { memberships } from '../../src/resources/memberships/memberships.ts';
import { newColumns } from '../../src/resources/operations/changed-columns.ts';
import { users } from '../../src/resources/users/users.ts';
import type { TestApp } from './start-app.ts';

/** Adds accounts that belong to the organization, which is their default. @param expiresAt the end of their memberships. @returns their ids */
export async function addMembers(
  { store, clock }: Pick<TestApp, 'store' | 'clock'>,
  organizationId: number,
  count: number,
  expiresAt: number | null = null,
  /** Begins their addresses. */
  address = 'member',
): Promise<number[]> {
  const added: number[] = [];
  while (added.length < count) {
    const rows = Array.from({ length: Math.min(500, count - added.length) }, (_, i) => ({
      email: `${address}${added.length + i}@email.com`,
      first_name: 'Ann',
      last_name: 'Other',
      updated_at: clock.now,
      default_organization_id: organizationId,
    }));
    await store.write(async ({ records }) => {
      const ids = (await records(users).insertMany(rows)) as number[];
      await records(memberships).insertMany(
        ids.map((id) =>
          newColumns(
            memberships,
            { organization_id: organizationId, user_id: id, expires_at: expiresAt },
            clock.now,
          ),
        ),
      );
      added.push(...ids);
    });
  }
  return added;
}
