// All routes of the API, by resource. A routes file lists each path with its method, who may call it, and the function that
// handles it.

import { emailChangesRoutes } from './email-changes/email-changes-routes.ts';
import { eventsRoutes } from './events/events-routes.ts';
import { invitationLinksRoutes } from './invitations/invitation-links-routes.ts';
import { invitationsRoutes } from './invitations/invitations-routes.ts';
import { mailsRoutes } from './mails/mails-routes.ts';
import { membershipsRoutes } from './memberships/memberships-routes.ts';
import { organizationsRoutes } from './organizations/organizations-routes.ts';
import { passwordsRoutes } from './passwords/passwords-routes.ts';
import { peopleRoutes } from './people/people-routes.ts';
import type { Route } from './route.ts';
import { sessionsRoutes } from './sessions/sessions-routes.ts';
import { signInRoutes } from './sign-in/sign-in-routes.ts';
import { usersRoutes } from './users/users-routes.ts';

export const catalog: readonly Route[] = [
  ...usersRoutes,
  ...organizationsRoutes,
  ...membershipsRoutes,
  ...peopleRoutes,
  ...invitationsRoutes,
  ...invitationLinksRoutes,
  ...sessionsRoutes,
  ...signInRoutes,
  ...passwordsRoutes,
  ...emailChangesRoutes,
  ...eventsRoutes,
  ...mailsRoutes,
];
