// A service with the product's routes and those of gadgets, over real sockets.

import type { TestContext } from 'node:test';
import type { Route } from '../../../src/resources/route.ts';
import type { NewRecord } from '../../../src/store/store.ts';
import type { EngineName } from '../engines.ts';
import { startApp, type TestApp } from '../start-app.ts';
import { gadgets } from './gadgets.ts';
import { gadgetsRoutes } from './gadgets-routes.ts';
import { withGadgets } from './with-gadgets.ts';

export const gadgetsPath = '/api/v2/gadgets';

export interface GadgetsApp extends TestApp {
  /**
   * Inserts a gadget directly into the store.
   * @returns its id
   */
  addGadget(values?: NewRecord<typeof gadgets>): Promise<number>;
}

/** @param routes further routes */
export async function startGadgets(
  t: TestContext,
  engine: EngineName,
  settings: Readonly<Record<string, string>> = {},
  routes: readonly Route[] = [],
): Promise<GadgetsApp> {
  const app = await startApp(t, engine, settings, {
    contents: withGadgets,
    routes: [...gadgetsRoutes, ...routes],
  });
  let count = 0;
  return {
    ...app,
    addGadget(values = {}) {
      count++;
      const contact = `gadget${count}@gadgets.com`;
      const gadget = { name: `Gadget ${count}`, contact, updated_at: app.clock.now, ...values };
      return app.store.write(({ records }) => records(gadgets).insert(gadget));
    },
  };
}
