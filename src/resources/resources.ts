// All resources of the product. A store is opened with this list.

import type { Resource } from '../model/resource.ts';
import { users } from './users/users.ts';

export const resources: readonly Resource[] = [users];
