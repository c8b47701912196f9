// Everything that gadgets do by their definition alone.

import { testResource } from '../../support/resource-suite.ts';
import { gadgets } from '../../support/toy/gadgets.ts';
import { startGadgets } from '../../support/toy/start-gadgets.ts';

testResource(gadgets, {
  audiences: ['keeper'],
  async start(t, engine) {
    const app = await startGadgets(t, engine);
    const { token } = await app.createUser({ sysadmin: ['manage_organizations'] });
    return { app, token };
  },
  values: { owner_id: '1', part_of_id: null },
});
