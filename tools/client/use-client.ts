// What an application does with a client that openapi-typescript and openapi-fetch make of the description. A test has
// it type-checked against the description of a running service, and then run on that service.

import type { components, paths } from 'muster-api';
import createClient from 'openapi-fetch';

type User = components['schemas']['users'];
type ErrorCode = components['schemas']['errors']['errors'][number]['code'];

export interface Outcome {
  readonly created: User;
  readonly repeatedId: string;
  readonly found: readonly string[];
  readonly totalCount: number;
  readonly nextPage: string | undefined;
  readonly refused: readonly ErrorCode[];
  readonly rules: readonly (string | undefined)[];
  readonly changed: string | undefined;
  readonly deletedStatus: number;
}

export async function useClient(url: string, token: string): Promise<Outcome> {
  const client = createClient<paths>({
    baseUrl: url,
    headers: { 'X-Auth-Token': token, 'Content-Type': 'application/vnd.api+json' },
  });

  const create = () =>
    client.POST('/api/v2/users', {
      params: { header: { 'Idempotency-Key': 'the-first-of-ours' } },
      body: {
        data: {
          type: 'users',
          attributes: {
            email: 'ann@example.com',
            first_name: 'Ann',
            last_name: 'Lee',
            password: 'correct horse battery',
            time_zone: null,
            flags: { new_menu: true },
            account_access_expires_at: '2100-01-01T00:00:00.000+00:00',
          },
        },
      },
    });
  const { data: created, error, response } = await create();
  if (error !== undefined) throw new Error(error.errors.map(({ detail }) => detail).join(', '));
  const etag = response.headers.get('ETag');
  if (etag === null) throw new Error('There is no ETag');
  const repeated = await create();

  const { data: list } = await client.GET('/api/v2/users', {
    params: {
      query: {
        'filter[email][contains]': 'ANN@',
        'filter[updated_at][gt_eq]': '2020-01-01',
        'filter[sysadmin]': false,
        'filter[id][not_eq]': '1000000',
        sort: '-updated_at',
        'page[size]': 1,
        'fields[users]': 'email,first_name',
      },
    },
  });
  const { data: all } = await client.GET('/api/v2/users', { params: { query: { 'page[size]': 1 } } });

  const path = { id: created.data.id };
  const change = (ifMatch: string, first_name: string) =>
    client.PATCH('/api/v2/users/{id}', {
      params: { path, header: { 'If-Match': ifMatch } },
      body: { data: { type: 'users', id: created.data.id, attributes: { first_name } } },
    });
  const { data: changed } = await change(etag, 'Anna');
  const { error: late } = await change(etag, 'Anne');
  const { error: blank } = await change('*', '');
  const { response: deleted } = await client.DELETE('/api/v2/users/{id}', { params: { path } });

  return {
    created: created.data,
    repeatedId: repeated.data?.data.id ?? '',
    found: list?.data.map(({ attributes }) => attributes.email ?? '') ?? [],
    totalCount: list?.meta.total_count ?? -1,
    nextPage: all?.links.next,
    refused: [...(late?.errors ?? []), ...(blank?.errors ?? [])].map(({ code }) => code),
    rules: blank?.errors.map(({ source }) => source.pointer) ?? [],
    changed: changed?.data.attributes.first_name,
    deletedStatus: deleted.status,
  };
}
