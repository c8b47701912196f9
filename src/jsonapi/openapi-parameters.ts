// Parameters of the OpenAPI description: of paths, queries and headers.

import type { Kind } from '../model/kind.ts';
import { hasRelationships, isReadByEveryone, type Resource } from '../model/resource.ts';
import { type DescribedRoute, documentsOf } from './described-route.ts';
import type { Json } from './openapi-schemas.ts';
import { namesInPath, parameterKinds } from './path-parameters.ts';
import { defaultPageSize, maxPageSize } from './read-query.ts';
import { includablePaths, includableResources, type ResourcesByType } from './read-selection.ts';

export function pathParameters({ path, parameters = {} }: DescribedRoute): Json[] {
  return namesInPath(path).map((name) => {
    const { description, schema } = parameterKinds[parameters[name]!];
    return { name, in: 'path', required: true, description, schema };
  });
}

function parameter(place: 'query' | 'header', name: string, description: string, schema?: Json): Json {
  return { name, in: place, description, schema: schema ?? { type: 'string' } };
}

const query = (name: string, description: string, schema?: Json) =>
  parameter('query', name, description, schema);

function selectionParameters(resource: Resource, resources: ResourcesByType): Json[] {
  const paths = includablePaths(resource, resources);
  const others = includableResources(resource, resources).filter((other) => other !== resource);
  return [
    ...[resource, ...others].map((one) =>
      query(
        `fields[${one.type}]`,
        `${hasRelationships(one) ? 'Attributes and relationships' : 'Attributes'} to include in the response, separated by commas: ${one.fields.join(', ')}.`,
      ),
    ),
    ...(paths.length === 0
      ? []
      : [
          query(
            'include',
            `Paths to related records to include in the response, separated by commas: ${paths.join(', ')}.`,
          ),
        ]),
  ];
}

export function queryParameters(route: DescribedRoute, resources: ResourcesByType): Json[] {
  const { answers } = route;
  if (typeof answers === 'object' && 'mediaType' in answers) return [];
  const resource = documentsOf(route);
  const selection = selectionParameters(resource, resources);
  if (answers !== 'collection') return selection;
  return [
    query('page[number]', 'Page number.', { type: 'integer', minimum: 1, default: 1 }),
    query('page[size]', `Records per page. Values above ${maxPageSize} mean ${maxPageSize}.`, {
      type: 'integer',
      minimum: 1,
      default: defaultPageSize,
    }),
    query(
      'page[after]',
      'Cursor from links.next, or empty for the first page. Cannot be used together with page[number].',
    ),
    ...(resource.sorts.size === 0
      ? []
      : [
          query(
            'sort',
            `Attributes to sort by, separated by commas; a - before an attribute sorts in descending order: ${[...resource.sorts.keys()].join(', ')}.${restrictedSorts(resource)}`,
          ),
        ]),
    ...selection,
    ...(resource.filters.size === 0
      ? []
      : [
          query(
            'filter[$op]',
            'How filters or groups of filters are combined. Groups are numbered, filter[0][name]=…&filter[1][name][eq]=…, and may contain groups.',
            { type: 'string', enum: ['and', 'or'], default: 'and' },
          ),
        ]),
    ...(resource.search.length > 0
      ? [
          query(
            'filter[query]',
            `Words to search for in ${resource.search.join(', ')}. A record matches if it contains every word.`,
          ),
        ]
      : []),
    ...[...resource.filters].flatMap(([name, { kind }]) => {
      const restriction = isReadByEveryone(resource, name) ? '' : ` Only for callers ${whoMayFilter}.`;
      return [
        query(
          `filter[${name}]`,
          `One ${kind.name}, or several separated by commas, of which any may match.${restriction}`,
          filterSchema(kind),
        ),
        ...kind.operators.map((operator) =>
          query(
            `filter[${name}][${operator}]`,
            `${operationNames[operator]} this ${kind.name}.${restriction}`,
            filterSchema(kind),
          ),
        ),
      ];
    }),
  ];
}

/** Who may filter and sort by an attribute that not everyone may read. */
const whoMayFilter = 'who may read it in every record that the list can contain';

function restrictedSorts(resource: Resource): string {
  const names = [...resource.sorts.keys()].filter((name) => !isReadByEveryone(resource, name));
  return names.map((name) => ` ${name} is only for callers ${whoMayFilter}.`).join('');
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

/** Several values, and an empty value (null), are text. A single value may have its own type. */
function filterSchema({ column, schema }: Kind): Json {
  if (column === 'boolean') return { type: ['boolean', 'string'] };
  if (column === 'integer' && schema.format === undefined) return { type: ['integer', 'string'] };
  return { type: 'string' };
}

const requestHeader = (name: string, description: string, schema?: Json) =>
  parameter('header', name, description, schema);

const organizationHeader = requestHeader(
  'X-Organization-Id',
  'Restricts the visible records to those of one organization.',
  {
    type: ['integer', 'string'],
    pattern: '^[1-9][0-9]*$',
    minimum: 1,
  },
);

export function headerParameters({ method, answers, auth }: DescribedRoute): Json[] {
  return [
    ...(auth === 'token' ? [organizationHeader] : []),
    ...(method === 'GET'
      ? [
          requestHeader(
            'If-None-Match',
            'ETag of the version that the client has; the response is 304 if it is still current.',
          ),
        ]
      : []),
    ...(answers === 'created' && auth === 'token'
      ? [
          requestHeader(
            'Idempotency-Key',
            'A unique key, for example a UUID. If the same request is sent again within 24 hours, no second record is created.',
            { type: 'string', minLength: 1, maxLength: 255 },
          ),
        ]
      : [
          requestHeader(
            'If-Match',
            'ETag that the record must still have; the response is 412 if it has changed.',
          ),
        ]),
    requestHeader(
      'X-Request-Id',
      'Id of the request. It is returned in the response and appears in the log.',
      {
        type: 'string',
        maxLength: 128,
      },
    ),
  ];
}
