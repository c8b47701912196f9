// The routes of users.

import { creationOf } from '../operations/create.ts';
import { deleteOperation } from '../operations/delete.ts';
import { listOperation } from '../operations/list.ts';
import { showOperation } from '../operations/show.ts';
import { updateOperation } from '../operations/update.ts';
import type { Route } from '../route.ts';
import { updatePassword } from './update-password.ts';
import { userRules } from './user-rules.ts';
import { users } from './users.ts';
import { usersAccess } from './users-access.ts';

/** The path of one user. */
const ofUser = {
  parameters: { id: 'id' },
  target: { resource: users, parameter: 'id' },
} as const;

const passwordSchema = {
  type: 'string',
  format: 'password',
  writeOnly: true,
  examples: ['newpassword1234'],
};

export const usersRoutes: readonly Route[] = [
  {
    name: 'listUsers',
    method: 'GET',
    path: '/api/v2/users',
    auth: 'token',
    body: 'none',
    operation: listOperation(usersAccess),
    resource: users,
    policy: 'Everyone, of those they see.',
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
      besides: [
        {
          name: 'password',
          description: 'Without one there is no sign-in by password.',
          schema: { ...passwordSchema, type: ['string', 'null'] },
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
    policy: 'Everyone, of those they see.',
    description: 'Shows a user.',
    answers: 'record',
  },
  {
    name: 'updateUser',
    method: 'PATCH',
    path: '/api/v2/users/{id}',
    auth: 'token',
    ...ofUser,
    body: 'document',
    operation: updateOperation(userRules),
    resource: users,
    policy: 'The user; others, who hold no power that the caller lacks, for sysadmins with manage_users.',
    description: 'Updates a user.',
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
    policy: 'Sysadmins with manage_users, of others who hold no power that the caller lacks.',
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
    policy: 'The user alone.',
    description: 'Updates the password of a user.',
    answers: 'record',
    input: {
      instead: [
        {
          name: 'current_password',
          description: 'The password as it is.',
          schema: { ...passwordSchema, examples: ['password1234'] },
          required: true,
        },
        {
          name: 'password',
          description: 'The password as it shall be.',
          schema: passwordSchema,
          required: true,
        },
      ],
    },
  },
];
