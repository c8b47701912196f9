// The API as an OpenAPI 3.1 description, derived from the map of routes and the definitions of resources.

import { errorKinds } from '../errors.ts';
import type { Attribute, Resource } from '../model/resource.ts';
import { mediaType } from './media-type.ts';
import { defaultPageSize, maxPageSize } from './read-query.ts';

/** What the description needs to know of a route. */
export interface DescribedRoute {
  readonly method: string;
  readonly path: string;
  readonly resource: Resource;
  readonly policy: string;
  readonly says: string;
  readonly answers: 'collection' | 'record' | 'created' | 'nothing';
  readonly input?: readonly { readonly name: string; readonly says: string }[];
}

type Json = Readonly<Record<string, unknown>>;

export function openApi(routes: readonly DescribedRoute[], version: string): Json {
  const resources = [...new Set(routes.map(({ resource }) => resource))];
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    paths[route.path] ??= pathItem(route.path);
    paths[route.path]![route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Muster', version, license: { name: 'MIT', identifier: 'MIT' } },
    paths,
    components: {
      schemas: {
        ...Object.fromEntries(resources.map((resource) => [resource.type, resourceSchema(resource)])),
        errors: errorsSchema(),
      },
      securitySchemes: {
        header: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' },
        bearer: { type: 'http', scheme: 'bearer' },
        query: { type: 'apiKey', in: 'query', name: 'token' },
      },
    },
    security: [{ header: [] }, { bearer: [] }, { query: [] }],
  };
}

function pathItem(path: string): Record<string, unknown> {
  if (!path.includes('{id}')) return {};
  const schema = { type: 'string', pattern: '^[1-9][0-9]*$' };
  return { parameters: [{ name: 'id', in: 'path', required: true, schema }] };
}

function operation(route: DescribedRoute): Json {
  const status = { collection: '200', record: '200', created: '201', nothing: '204' }[route.answers];
  const success =
    route.answers === 'nothing'
      ? { description: 'Done.' }
      : { description: 'The answer.', content: content(answerSchema(route)) };
  return {
    operationId: `${route.method.toLowerCase()} ${route.path}`,
    summary: route.says,
    description: `Who may: ${route.policy}`,
    tags: [route.resource.type],
    parameters: queryParameters(route),
    ...(route.method !== 'GET' && route.answers !== 'nothing' && { requestBody: requestBody(route) }),
    responses: {
      [status]: success,
      default: {
        description: 'An error.',
        content: content({ $ref: '#/components/schemas/errors' }),
      },
    },
  };
}

function content(schema: Json): Json {
  return { [mediaType]: { schema } };
}

function answerSchema({ resource, answers }: DescribedRoute): Json {
  const item = { $ref: `#/components/schemas/${resource.type}` };
  const meta = { type: 'object' };
  if (answers !== 'collection')
    return { type: 'object', required: ['data', 'meta'], properties: { data: item, meta } };
  const links = { type: 'object', additionalProperties: { type: 'string', format: 'uri' } };
  return {
    type: 'object',
    required: ['data', 'links', 'meta'],
    properties: { data: { type: 'array', items: item }, links, meta },
  };
}

function requestBody({ resource, answers, input }: DescribedRoute): Json {
  const action = answers === 'created' ? 'create' : 'change';
  const writable = Object.entries(resource.attributes).filter(([, attribute]) => attribute[action]);
  const properties = input
    ? Object.fromEntries(input.map(({ name, says }) => [name, { type: 'string', description: says }]))
    : Object.fromEntries(writable.map(([name, attribute]) => [name, attributeSchema(attribute)]));
  const required = input
    ? input.map(({ name }) => name)
    : action === 'create'
      ? writable.filter(([, attribute]) => attribute.required).map(([name]) => name)
      : [];
  if (action === 'create')
    properties.password = { type: 'string', description: 'Without one there is no sign-in by password.' };
  const attributes = { type: 'object', properties, ...(required.length > 0 && { required }) };
  const data = {
    type: 'object',
    required: ['type', 'attributes'],
    properties: {
      type: { const: resource.type },
      ...(action === 'change' && { id: { type: 'string' } }),
      attributes,
    },
  };
  return { required: true, content: content({ type: 'object', required: ['data'], properties: { data } }) };
}

function resourceSchema(resource: Resource): Json {
  return {
    type: 'object',
    required: ['id', 'type', 'attributes'],
    properties: {
      id: { type: 'string', pattern: '^[1-9][0-9]*$' },
      type: { const: resource.type },
      attributes: {
        type: 'object',
        properties: Object.fromEntries(
          Object.entries(resource.attributes).map(([name, attribute]) => [name, attributeSchema(attribute)]),
        ),
      },
    },
  };
}

function attributeSchema(attribute: Attribute): Json {
  const hidden = attribute.read !== 'everyone';
  const { schema } = attribute.kind;
  const nullable = attribute.nullable || hidden;
  const typed =
    nullable && typeof schema.type === 'string' ? { ...schema, type: [schema.type, 'null'] } : schema;
  return { ...typed, description: attribute.says };
}

function queryParameters({ resource, answers }: DescribedRoute): Json[] {
  const parameter = (name: string, description: string, schema: Json = { type: 'string' }) => ({
    name,
    in: 'query',
    description,
    schema,
  });
  const fields = parameter(
    `fields[${resource.type}]`,
    `The attributes to answer with, separated by commas: ${resource.names.join(', ')}.`,
  );
  if (answers !== 'collection') return [fields];
  return [
    parameter('page[number]', 'Which page.', { type: 'integer', minimum: 1, default: 1 }),
    parameter('page[size]', `How many records; larger than ${maxPageSize} is cut to it.`, {
      type: 'integer',
      minimum: 1,
      default: defaultPageSize,
    }),
    parameter('page[after]', 'A cursor of links.next, or nothing for the first page; excludes page[number].'),
    parameter(
      'sort',
      `Attributes separated by commas, each with - before it to descend: ${[...resource.sorts.keys()].join(', ')}.`,
    ),
    fields,
    ...(resource.search.length > 0
      ? [parameter('filter[query]', `Words to look for in ${resource.search.join(', ')}.`)]
      : []),
    ...[...resource.filters].map(([name, { kind }]) =>
      parameter(
        `filter[${name}]`,
        `By ${kind.name}; with an operation as filter[${name}][...]: ${kind.operations.join(', ')}.`,
      ),
    ),
  ];
}

function errorsSchema(): Json {
  const statuses = [...new Set(Object.values(errorKinds).map(({ status }) => String(status)))].sort();
  const properties = {
    status: { type: 'string', enum: statuses },
    code: { type: 'string', enum: Object.keys(errorKinds) },
    title: { type: 'string' },
    detail: { type: 'string' },
    meta: { type: 'object' },
    source: { type: 'object', properties: { pointer: { type: 'string' }, parameter: { type: 'string' } } },
  };
  const item = { type: 'object', required: Object.keys(properties), properties };
  return { type: 'object', required: ['errors'], properties: { errors: { type: 'array', items: item } } };
}
