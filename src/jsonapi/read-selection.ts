// Reads the parameters `fields` and `include`, which select what a response contains.

import { ApiError } from '../errors.ts';
import { type Includes, maxIncludeDepth } from '../model/relationship.ts';
import type { Resource } from '../model/resource.ts';
import { type Parameter, shorten, unsupportedParameter } from './parameters.ts';
import { isListEnd } from './read-filter.ts';

export interface Selection {
  /** Names of attributes and relationships of the primary data, in the order of the resource; null for all. */
  readonly fields: readonly string[] | null;
  /** The same for each type in the request. */
  readonly fieldsOf: ReadonlyMap<string, readonly string[]>;
  /** Null without the parameter. Empty for an empty parameter: the response then has an empty `included`. */
  readonly includes: Includes | null;
}

/** All resources by type. */
export type ResourcesByType = ReadonlyMap<string, Resource>;

/** The selection without `fields` and `include`. */
export const wholeRecords: Selection = { fields: null, fieldsOf: new Map(), includes: null };

export function isSelection({ family }: Parameter): boolean {
  return family === 'fields' || family === 'include';
}

/**
 * @param parameters the parameters for which `isSelection` is true
 * @throws ApiError unsupported_parameter, unsupported_include
 */
export function readSelection(
  parameters: readonly Parameter[],
  resource: Resource,
  resources: ResourcesByType,
): Selection {
  let includes: Includes | null = null;
  for (const { name, family, value } of parameters) {
    if (family === 'fields') continue;
    if (name !== 'include' || resource.refusesInclude) throw unsupportedParameter(name);
    includes = readIncludes(value, resource, resources);
  }
  // Only after all `include` parameters are read are the types in the response known: parameters have no order.
  const types = new Map([[resource.type, resource]]);
  if (includes !== null) addTypes(types, includes, resource, resources);
  const fieldsOf = new Map<string, readonly string[]>();
  for (const parameter of parameters)
    if (parameter.family === 'fields') addFields(fieldsOf, parameter, types);
  return { fields: fieldsOf.get(resource.type) ?? null, fieldsOf, includes };
}

function addTypes(
  types: Map<string, Resource>,
  includes: Includes,
  { relationships }: Resource,
  resources: ResourcesByType,
): void {
  for (const [name, subtree] of includes) {
    const other = resources.get(relationships[name]!.to)!;
    types.set(other.type, other);
    addTypes(types, subtree, other, resources);
  }
}

/** `fields[users]=a,b`, or as a list: `fields[users][]=a&fields[users][]=b`, `fields[users][0]=a`. */
function addFields(
  known: Map<string, readonly string[]>,
  { name, path, value }: Parameter,
  types: ResourcesByType,
): void {
  const resource = types.get(path[0] ?? '');
  const isList = path.length === 2 && isListEnd(path[1]!);
  if (resource === undefined || (path.length !== 1 && !isList)) throw unsupportedParameter(name);
  const asked = new Set(value === '' ? [] : value.split(','));
  for (const field of asked) {
    if (!resource.fields.includes(field))
      throw new ApiError('unsupported_parameter', {
        detail: `Field '${shorten(field)}' is not supported on this endpoint`,
        parameter: name,
      });
  }
  const before = known.get(resource.type);
  const fields = resource.fields.filter((field) => asked.has(field) || before?.includes(field));
  known.set(resource.type, fields);
}

/** All resources whose records `include` can load, in the order of the relationships. */
export function includableResources(resource: Resource, resources: ResourcesByType): readonly Resource[] {
  const found = new Set<Resource>();
  let last = [resource];
  for (let depth = 0; depth < maxIncludeDepth; depth++) {
    last = last.flatMap(({ relationships }) =>
      Object.values(relationships).map(({ to }) => resources.get(to)!),
    );
    for (const other of last) found.add(other);
  }
  return [...found];
}

/** All paths that `include` understands: `owner`, `owner.part_of`. */
export function includablePaths(
  { relationships }: Resource,
  resources: ResourcesByType,
  depth = maxIncludeDepth,
): readonly string[] {
  if (depth === 0) return [];
  return Object.entries(relationships).flatMap(([name, { to }]) => [
    name,
    ...includablePaths(resources.get(to)!, resources, depth - 1).map((path) => `${name}.${path}`),
  ]);
}

type Tree = Map<string, Tree>;

/**
 * Reads paths such as `owner,part_of.owner`.
 * @throws ApiError unsupported_include
 */
function readIncludes(value: string, resource: Resource, resources: ResourcesByType): Includes {
  const includes: Tree = new Map();
  for (const path of value === '' ? [] : value.split(',')) {
    const names = path.split('.');
    let tree = includes;
    let at: Resource | undefined = resource;
    for (const [depth, name] of names.entries()) {
      if (depth === maxIncludeDepth || at === undefined || !Object.hasOwn(at.relationships, name))
        throw new ApiError('unsupported_include', {
          detail: `Include '${shorten(path)}' is not supported on this endpoint`,
          parameter: 'include',
        });
      at = resources.get(at.relationships[name]!.to);
      const next: Tree = tree.get(name) ?? new Map();
      tree.set(name, next);
      tree = next;
    }
  }
  return includes;
}
