// Schemas and examples of the OpenAPI description: resources, the documents that hold them, and errors.

import { errorKinds } from '../errors.ts';
import type { Attribute } from '../model/attribute.ts';
import { idAttributeOf, type Relationship } from '../model/relationship.ts';
import { pageNameOf } from '../model/report.ts';
import { hasRelationships, type Resource } from '../model/resource.ts';
import { type DescribedRoute, documentsOf, type Input } from './described-route.ts';
import { defaultPageSize, maxPageSize } from './read-query.ts';
import { includableResources, type ResourcesByType } from './read-selection.ts';

export type Json = Readonly<Record<string, unknown>>;

const idSchema = { type: 'string', pattern: '^[1-9][0-9]*$' };
const tokenSchema = { type: 'string', minLength: 1, description: 'The token of the link.' };
const idSchemaOf = ({ hasTokenAsId }: Resource): Json => (hasTokenAsId ? tokenSchema : idSchema);
const count = { type: 'integer', minimum: 0 };
const url = { type: 'string', format: 'uri' };

export function resourceSchema(resource: Resource): Json {
  const properties = resource.names.map((name) => {
    const attribute = resource.attributes[name]!;
    return [name, attributeSchema(attribute, attribute.nullable || attribute.read !== 'everyone')];
  });
  const isLinked = hasRelationships(resource);
  return {
    type: 'object',
    // Not required: if `fields` names no attribute, a resource with relationships has no `attributes`.
    required: ['id', 'type', ...(isLinked ? [] : ['attributes'])],
    properties: {
      id: idSchemaOf(resource),
      type: typeSchema(resource),
      attributes: {
        type: 'object',
        description: `All attributes, or only those in fields[${resource.type}].`,
        properties: Object.fromEntries(properties),
        additionalProperties: false,
      },
      ...(isLinked && { relationships: relationshipsSchema(resource, shownRelationship) }),
    },
  };
}

function relationshipsSchema({ relationships }: Resource, schemaOf: (one: Relationship) => Json): Json {
  const properties = Object.entries(relationships).map(([name, one]) => [name, schemaOf(one)]);
  return { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false };
}

function linkageSchema({ to }: Relationship): Json {
  return {
    type: ['object', 'null'],
    required: ['type', 'id'],
    properties: { type: { type: 'string', const: to }, id: idSchema },
  };
}

function shownRelationship(relationship: Relationship): Json {
  return {
    type: 'object',
    description: relationship.linked
      ? relationship.description
      : `${relationship.description} Its data is there where include loads it.`,
    properties: {
      data: linkageSchema(relationship),
      meta: { type: 'object', properties: { included: { type: 'boolean', const: false } } },
    },
    additionalProperties: false,
  };
}

function givenRelationship(relationship: Relationship): Json {
  const { description } = relationship;
  return { type: 'object', description, properties: { data: linkageSchema(relationship) } };
}

const typeSchema = ({ type }: Resource) => ({ type: 'string', const: type });

function attributeSchema({ kind: { schema }, description }: Attribute, nullable: boolean | undefined): Json {
  const { examples, ...rest } = schema;
  if (!nullable || typeof rest.type !== 'string') return { ...rest, description };
  const listed = Array.isArray(rest.enum) && { enum: [...rest.enum, null] };
  return { ...rest, type: [rest.type, 'null'], ...listed, description };
}

export function answerSchema(route: DescribedRoute, resources: ResourcesByType): Json {
  const { answers, meta } = route;
  const resource = documentsOf(route);
  const reference = (one: Resource) => ({ $ref: `#/components/schemas/${pageNameOf(one)}` });
  const item = reference(resource);
  const others = includableResources(resource, resources).map(reference);
  const included = others.length > 0 && {
    included: {
      type: 'array',
      description: 'What include has loaded; absent without include.',
      items: others.length === 1 ? others[0]! : { anyOf: others },
    },
  };
  if (answers !== 'collection')
    return {
      type: 'object',
      required: ['data', 'meta'],
      properties: { data: item, ...included, meta: recordMetaSchema(meta) },
    };
  return {
    type: 'object',
    required: ['data', 'links', 'meta'],
    properties: {
      data: { type: 'array', items: item, maxItems: maxPageSize },
      ...included,
      links: {
        type: 'object',
        description: 'Absolute URLs of other pages. On the last page there is no next.',
        required: ['first'],
        properties: { first: url, last: url, prev: url, next: url },
      },
      meta: {
        type: 'object',
        description: 'With page[after] it has no current_page, total_pages and total_count.',
        required: ['page_size', 'max_page_size', ...Object.keys(meta ?? {})],
        properties: {
          current_page: { type: 'integer', minimum: 1 },
          total_pages: count,
          total_count: count,
          page_size: { type: 'integer', minimum: 1, maximum: maxPageSize },
          max_page_size: { type: 'integer', const: maxPageSize },
          ...eachMeta(meta, withoutExamples),
        },
      },
    },
  };
}

/** Members of `meta` that a record only sometimes has. */
function recordMetaSchema(meta: DescribedRoute['meta']): Json {
  return { type: 'object', ...(meta && { properties: eachMeta(meta, withoutExamples) }) };
}

const withoutExamples = ({ examples: _, ...schema }: Json): Json => schema;

function eachMeta(meta: DescribedRoute['meta'], of: (schema: Json) => unknown): Json {
  return Object.fromEntries(Object.entries(meta ?? {}).map(([name, { schema }]) => [name, of(schema)]));
}

export function requestSchema(route: DescribedRoute): Json {
  const { resource, method } = route;
  const { properties, required } = requestAttributes(route);
  const takesRelationships = hasRelationships(resource) && !(route.input && 'instead' in route.input);
  const data = {
    type: 'object',
    required: ['type', 'attributes'],
    properties: {
      type: typeSchema(resource),
      ...(method !== 'POST' && { id: idSchemaOf(resource) }),
      attributes: { type: 'object', properties, ...(required.length > 0 && { required }) },
      ...(takesRelationships && { relationships: relationshipsSchema(resource, givenRelationship) }),
    },
  };
  return { type: 'object', required: ['data'], properties: { data } };
}

function requestAttributes({ resource, answers, input }: DescribedRoute): {
  properties: Record<string, Json>;
  required: string[];
} {
  const properties: Record<string, Json> = {};
  const required: string[] = [];
  const action = answers === 'created' ? 'create' : 'update';
  // These can also be set through relationships.
  const ids = Object.keys(resource.relationships).map(idAttributeOf);
  if (input === undefined || 'extra' in input) {
    for (const [name, attribute] of Object.entries(resource.attributes)) {
      if (attribute[action] === undefined) continue;
      properties[name] = attributeSchema(attribute, attribute.nullable);
      if (action === 'create' && attribute.required && !ids.includes(name)) required.push(name);
    }
  }
  for (const { name, description, schema, ...one } of inputsOf(input)) {
    const { examples, ...rest } = schema;
    properties[name] = { ...rest, description };
    if (one.required) required.push(name);
  }
  return { properties, required };
}

function inputsOf(input: DescribedRoute['input']): readonly Input[] {
  if (input === undefined) return [];
  return 'extra' in input ? input.extra : input.instead;
}

const exampleOf = (schema: Json): unknown => (schema.examples as unknown[] | undefined)?.[0] ?? null;

const attributeExample = ({ kind, example }: Attribute): unknown => example ?? exampleOf(kind.schema);

export function requestExample(route: DescribedRoute): unknown {
  const { resource, input } = route;
  const attributes =
    input !== undefined && 'instead' in input
      ? []
      : writtenInExample(route).map(([name, attribute]) => [name, attributeExample(attribute)]);
  for (const { name, schema } of inputsOf(input)) attributes.push([name, exampleOf(schema)]);
  return { data: { type: resource.type, attributes: Object.fromEntries(attributes) } };
}

/** All required attributes for a new record; one that may be updated for a known one. */
function writtenInExample({ resource, answers }: DescribedRoute): [string, Attribute][] {
  const attributes = Object.entries(resource.attributes);
  if (answers === 'created') return attributes.filter(([, { required }]) => required);
  const updatable = attributes.filter(([, { update }]) => update !== undefined);
  return [updatable.findLast(([, { required }]) => required) ?? updatable[0]!];
}

export function recordExample(route: DescribedRoute): unknown {
  const { answers, meta: ofRoute } = route;
  const resource = documentsOf(route);
  const attributes = resource.names.map((name) => [name, attributeExample(resource.attributes[name]!)]);
  const relationships = Object.entries(resource.relationships).map(([name, { to, linked }]) => [
    name,
    linked ? { data: { type: to, id: '1' } } : { meta: { included: false } },
  ]);
  const data = {
    id: resource.hasTokenAsId ? 'TOKEN' : '1',
    type: resource.type,
    attributes: Object.fromEntries(attributes),
    ...(relationships.length > 0 && { relationships: Object.fromEntries(relationships) }),
  };
  if (answers !== 'collection') return { data, meta: {} };
  const page = `http://127.0.0.1:3000/api/v2/${resource.type}?page%5Bnumber%5D=1&page%5Bsize%5D=${defaultPageSize}`;
  const sizes = {
    ...{ page_size: defaultPageSize, max_page_size: maxPageSize },
    ...eachMeta(ofRoute, exampleOf),
  };
  const meta = { current_page: 1, total_pages: 1, total_count: 1, ...sizes };
  return { data: [data], links: { first: page, last: page }, meta };
}

export function errorsSchema(): Json {
  const statuses = [...new Set(Object.values(errorKinds).map(({ status }) => String(status)))].sort();
  const properties = {
    status: { type: 'string', enum: statuses },
    code: { type: 'string', enum: Object.keys(errorKinds) },
    title: { type: 'string' },
    detail: { type: 'string' },
    meta: { type: 'object' },
    source: {
      type: 'object',
      properties: { pointer: { type: 'string' }, parameter: { type: 'string' } },
      additionalProperties: false,
    },
  };
  const item = {
    type: 'object',
    required: Object.keys(properties),
    properties,
    additionalProperties: false,
  };
  return {
    type: 'object',
    required: ['errors'],
    properties: { errors: { type: 'array', items: item, minItems: 1 } },
    additionalProperties: false,
  };
}

export function errorExample([code, { status, title, detail }]: [
  string,
  { status: number; title: string; detail: string },
]): unknown {
  return { errors: [{ status: String(status), code, title, detail, meta: {}, source: {} }] };
}
