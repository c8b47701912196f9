// A service with the product's routes and those of gadgets, over real sockets.

import type { TestContext } from 'node:test';
import type { Route } from '../../../src/resources/route.ts';
import type { NewRecord } from '../../../src/store/store.ts';
import type { EngineName } from '../engines.ts';
import { startApp, type TestApp } from '../start-app.ts';
import { gadgetReviews } from './gadget-reviews.ts';
import { gadgetReviewsAccess } from './gadget-reviews-access.ts';
import { gadgetReviewsRoutes } from './gadget-reviews-routes.ts';
import { gadgets } from './gadgets.ts';
import { gadgetsAccess } from './gadgets-access.ts';
import { gadgetsRoutes } from './gadgets-routes.ts';
import { withGadgets } from './with-gadgets.ts';

export const gadgetsPath = '/api/v2/gadgets';
export const gadgetReviewsPath = '/api/v2/gadget_reviews';

export interface GadgetsApp extends TestApp {
  /**
   * Inserts a gadget directly into the store.
   * @returns its id
   */
  addGadget(values?: NewRecord<typeof gadgets>): Promise<number>;
  addReview(values: NewRecord<typeof gadgetReviews>): Promise<number>;
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
    accesses: [gadgetsAccess, gadgetReviewsAccess],
    routes: [...gadgetsRoutes, ...gadgetReviewsRoutes, ...routes],
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
    addReview: (values) =>
      app.store.write(({ records }) =>
        records(gadgetReviews).insert({ text: 'Good.', updated_at: app.clock.now, ...values }),
      ),
  };
}
