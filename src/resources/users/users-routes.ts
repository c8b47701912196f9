// The routes of users.

import { creationOf } from '../operations/create.ts';
import { deleteOperation } from '../operations/delete.ts';
import { listOperation } from '../operations/list.ts';
import { showOperation } from '../operations/show.ts';
import type { Route } from '../route.ts';
import { accessReport } from './access-report.ts';
import { newPassword, optionalPassword } from './password-input.ts';
import { showAccess } from './show-access.ts';
import { unlock } from './unlock.ts';
import { updatePassword } from './update-password.ts';
import { updateUser } from './update-user.ts';
import { userRules } from './user-rules.ts';
import { users } from './users.ts';
import { usersAccess } from './users-access.ts';

/** Properties of routes for one user. */
const ofUser = {
  parameters: { id: 'id' },
  target: { resource: users, parameter: 'id' },
} as const;

export const usersRoutes: readonly Route[] = [
  {
    name: 'listUsers',
    method: 'GET',
    path: '/api/v2/users',
    auth: 'token',
    body: 'none',
    operation: listOperation(usersAccess),
    resource: users,
    policy: 'All accounts, for the users that they can see.',
    description: 'Lists users.',
    answers: 'collection',
  },
  {
    name: 'createUser',
    method: 'POST',
    path: '/api/v2/users',
    auth: 'token',
    body: 'document',
    creation: creationOf(userRules),
    resource: users,
    policy: 'Sysadmins with manage_users.',
    description: 'Creates a user.',
    answers: 'created',
    input: {
      extra: [
        {
          name: 'password',
          description: 'Without a password, the user cannot sign in with one.',
          schema: optionalPassword,
        },
      ],
    },
  },
  {
    name: 'showUser',
    method: 'GET',
    path: '/api/v2/users/{id}',
    auth: 'token',
    ...ofUser,
    body: 'none',
    operation: showOperation(usersAccess),
    resource: users,
    policy: 'All accounts, for the users that they can see.',
    description: 'Shows a user.',
    answers: 'record',
  },
  {
    name: 'showCaller',
    method: 'GET',
    path: '/api/v2/users/me',
    auth: 'token',
    target: 'caller',
    body: 'none',
    operation: showOperation(usersAccess),
    resource: users,
    policy: 'All accounts.',
    description: 'Shows the user whom the token belongs to.',
    answers: 'record',
  },
  {
    name: 'updateUser',
    method: 'PATCH',
    path: '/api/v2/users/{id}',
    auth: 'token',
    ...ofUser,
    body: 'document',
    operation: updateUser,
    resource: users,
    policy: 'The user. Also sysadmins with manage_users, unless the user has a power that the caller lacks.',
    description: 'Updates a user.',
    answers: 'record',
    meta: {
      pending_email: {
        schema: {
          type: 'string',
          description:
            'Only where the setting MUSTER_CONFIRM_EMAIL is on: the new address, until its owner has confirmed it.',
          examples: ['ann@example.org'],
        },
      },
    },
  },
  {
    name: 'showUserAccess',
    method: 'GET',
    path: '/api/v2/users/{id}/access',
    auth: 'token',
    ...ofUser,
    body: 'none',
    operation: showAccess,
    resource: users,
    policy: 'The user. Also sysadmins with manage_users or manage_security.',
    description: 'Tells why a user cannot sign in, and what to do.',
    answers: { report: accessReport },
  },
  {
    name: 'unlockUser',
    method: 'PATCH',
    path: '/api/v2/users/{id}/unlock',
    auth: 'token',
    ...ofUser,
    body: 'none',
    operation: unlock,
    resource: users,
    policy: 'Sysadmins with manage_security, unless the user has a power that the caller lacks.',
    description: 'Lets a user sign in at once who has to wait after failed sign-ins.',
    answers: 'record',
  },
  {
    name: 'deleteUser',
    method: 'DELETE',
    path: '/api/v2/users/{id}',
    auth: 'token',
    ...ofUser,
    body: 'none',
    operation: deleteOperation(userRules),
    resource: users,
    policy: 'Sysadmins with manage_users, unless the user has a power that the caller lacks.',
    description: 'Deletes a user.',
    answers: 'nothing',
  },
  {
    name: 'updatePassword',
    method: 'PATCH',
    path: '/api/v2/users/{id}/update_password',
    auth: 'token',
    ...ofUser,
    body: 'document',
    operation: updatePassword,
    resource: users,
    policy: 'Only the user.',
    description: 'Updates the password of a user.',
    answers: 'record',
    input: {
      instead: [
        {
          name: 'current_password',
          description: 'The current password.',
          schema: { ...newPassword, examples: ['password1234'] },
          required: true,
        },
        {
          name: 'password',
          description: 'The new password.',
          schema: newPassword,
          required: true,
        },
      ],
    },
  },
];
