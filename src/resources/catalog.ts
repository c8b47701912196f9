// The map of the API: the routes of each resource. A routes file says every path, what may be done there, by whom, and the
// function that does it.

import type { Route } from './route.ts';
import { usersRoutes } from './users/users-routes.ts';

export const catalog: readonly Route[] = [...usersRoutes];
