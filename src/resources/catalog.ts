// The map of the API: every path, what may be done there, by whom, and the function that does it.

import type { DescribedRoute } from '../jsonapi/openapi.ts';
import type { Operation, WriteOperation } from './operation.ts';
import type { Creation } from './operations/create-once.ts';
import { userCreation } from './users/create-user.ts';
import { deleteUser } from './users/delete-user.ts';
import { listUsers, showUser } from './users/read-users.ts';
import { updatePassword } from './users/update-password.ts';
import { updateUser } from './users/update-user.ts';
import { users } from './users/users.ts';

/** The description, and what does it: the policy is in words, and the operation or creation holds it. */
export type Route = DescribedRoute & (ReadRoute | WriteRoute | CreatingRoute);

type NotCreated = Exclude<DescribedRoute['answers'], 'created'>;

interface ReadRoute {
  readonly method: 'GET';
  readonly answers: NotCreated;
  readonly operation: Operation;
}

interface CreatingRoute {
  readonly method: 'POST';
  readonly answers: 'created';
  readonly creation: Creation;
}

interface WriteRoute {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly answers: NotCreated;
  readonly operation: WriteOperation;
}

const passwordSchema = {
  type: 'string',
  format: 'password',
  writeOnly: true,
  examples: ['newpassword1234'],
};

export const catalog: readonly Route[] = [
  {
    name: 'listUsers',
    method: 'GET',
    path: '/api/v2/users',
    operation: listUsers,
    resource: users,
    policy: 'Everyone, of those they see.',
    description: 'Lists users.',
    answers: 'collection',
  },
  {
    name: 'createUser',
    method: 'POST',
    path: '/api/v2/users',
    creation: userCreation,
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
    operation: showUser,
    resource: users,
    policy: 'Everyone, of those they see.',
    description: 'Shows a user.',
    answers: 'record',
  },
  {
    name: 'updateUser',
    method: 'PATCH',
    path: '/api/v2/users/{id}',
    operation: updateUser,
    resource: users,
    policy: 'The user; others, who hold no power that the caller lacks, for sysadmins with manage_users.',
    description: 'Updates a user.',
    answers: 'record',
  },
  {
    name: 'deleteUser',
    method: 'DELETE',
    path: '/api/v2/users/{id}',
    operation: deleteUser,
    resource: users,
    policy: 'Sysadmins with manage_users, of others who hold no power that the caller lacks.',
    description: 'Deletes a user.',
    answers: 'nothing',
  },
  {
    name: 'updatePassword',
    method: 'PATCH',
    path: '/api/v2/users/{id}/update_password',
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
