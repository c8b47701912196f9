// Everything that organizations do by their definition alone.

import { organizations } from '../../../src/resources/organizations/organizations.ts';
import { testResource } from '../../support/resource-suite.ts';
import { startApp } from '../../support/start-app.ts';

testResource(organizations, {
  audiences: ['manager', 'administrator', 'owner'],
  async start(t, engine) {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: ['manage_organizations'] });
    return { app, token };
  },
  generated: ['invitation_token'],
});
