// Parameters of the OpenAPI description: what a query may ask, and the headers that a request may carry.

import type { Kind } from '../model/kind.ts';
import type { DescribedRoute } from './openapi.ts';
import type { Json } from './openapi-schemas.ts';
import { namesInPath, parameterKinds } from './path-parameters.ts';
import { defaultPageSize, maxPageSize } from './read-query.ts';

/** Those of a path, for all its methods; nothing where there are none. */
export function pathParameters({ path, parameters = {} }: DescribedRoute): Json {
  const described = namesInPath(path).map((name) => {
    const { description, schema } = parameterKinds[parameters[name]!];
    return { name, in: 'path', required: true, description, schema };
  });
  return described.length > 0 ? { parameters: described } : {};
}

function parameter(place: 'query' | 'header', name: string, description: string, schema?: Json): Json {
  return { name, in: place, description, schema: schema ?? { type: 'string' } };
}

const query = (name: string, description: string, schema?: Json) =>
  parameter('query', name, description, schema);

export function queryParameters({ resource, answers }: DescribedRoute): Json[] {
  if (typeof answers === 'object') return [];
  const fields = query(
    `fields[${resource.type}]`,
    `The attributes to answer with, separated by commas: ${resource.names.join(', ')}.`,
  );
  if (answers !== 'collection') return [fields];
  return [
    query('page[number]', 'Which page.', { type: 'integer', minimum: 1, default: 1 }),
    query('page[size]', `How many records; larger than ${maxPageSize} is cut to it.`, {
      type: 'integer',
      minimum: 1,
      default: defaultPageSize,
    }),
    query('page[after]', 'A cursor of links.next, or nothing for the first page; excludes page[number].'),
    query(
      'sort',
      `Attributes separated by commas, each with - before it to descend: ${[...resource.sorts.keys()].join(', ')}.`,
    ),
    fields,
    query(
      'filter[$op]',
      'How groups of filters are joined. Groups are numbered: filter[0][name]=…&filter[1][name][eq]=…, and may hold groups.',
      { type: 'string', enum: ['and', 'or'], default: 'and' },
    ),
    ...(resource.search.length > 0
      ? [query('filter[query]', `Words to look for in ${resource.search.join(', ')}.`)]
      : []),
    ...[...resource.filters].flatMap(([name, { kind }]) => [
      query(
        `filter[${name}]`,
        `One ${kind.name}, or several separated by commas: any of them.`,
        filterSchema(kind),
      ),
      ...kind.operators.map((operator) =>
        query(
          `filter[${name}][${operator}]`,
          `${operationNames[operator]} this ${kind.name}.`,
          filterSchema(kind),
        ),
      ),
    ]),
  ];
}

const operationNames: Readonly<Record<Kind['operators'][number], string>> = {
  eq: 'Equal to',
  not_eq: 'Not equal to',
  contains: 'Containing',
  not_contain: 'Not containing',
  gt: 'Greater or later than',
  gt_eq: 'Greater or later than, or equal to',
  lt: 'Less or earlier than',
  lt_eq: 'Less or earlier than, or equal to',
};

/** Several values and nothing (for null) are text; a single value may be given as what it is. */
function filterSchema({ column, schema }: Kind): Json {
  if (column === 'boolean') return { type: ['boolean', 'string'] };
  if (column === 'integer' && schema.format === undefined) return { type: ['integer', 'string'] };
  return { type: 'string' };
}

const requestHeader = (name: string, description: string, schema?: Json) =>
  parameter('header', name, description, schema);

const organizationHeader = requestHeader('X-Organization-Id', 'Narrows what is seen to one organization.', {
  type: ['integer', 'string'],
  pattern: '^[1-9][0-9]*$',
  minimum: 1,
});

export function headerParameters({ method, answers, auth }: DescribedRoute): Json[] {
  return [
    ...(auth === 'token' ? [organizationHeader] : []),
    ...(method === 'GET'
      ? [requestHeader('If-None-Match', 'An ETag that the client has: 304 where it is still the one.')]
      : []),
    ...(answers === 'created'
      ? [
          requestHeader(
            'Idempotency-Key',
            'A key of your choice, such as a UUID: the same request sent again within 24 hours creates nothing more.',
            { type: 'string', minLength: 1, maxLength: 255 },
          ),
        ]
      : [requestHeader('If-Match', 'The ETag that the record must still have, or 412.')]),
    requestHeader('X-Request-Id', 'Comes back in the answer and stands in the log.', {
      type: 'string',
      maxLength: 128,
    }),
  ];
}
