// A store that stores audit events, as rows of the table `secrets`, which every database has. Each event has its own
// name.

import { randomUUID } from 'node:crypto';
import type { Config } from '../../src/config.ts';
import { openEngine, product } from '../../src/open-store.ts';
import { sqlStore } from '../../src/store/sql-store.ts';
import type { EventWriter, Store } from '../../src/store/store.ts';

export const eventsAsSecrets: EventWriter = async ({ secrets }, events) => {
  for (const event of events) await secrets.keep(`event ${randomUUID()}`, JSON.stringify(event));
};

export async function openRecordingStore(config: Config, writer = eventsAsSecrets): Promise<Store> {
  return sqlStore(await openEngine(config), product.resources, undefined, writer);
}
