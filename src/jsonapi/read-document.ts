// Reads a request body as a JSON:API document: first its structure, then its attributes, by the definition of the
// resource.

import {
  ApiError,
  type ErrorObject,
  maxErrors,
  moreErrors,
  relationshipViolation,
  violation,
} from '../errors.ts';
import type { Attribute } from '../model/attribute.ts';
import type { AudienceSet } from '../model/audience.ts';
import { JsonError, readJson } from '../model/json.ts';
import type { Stored } from '../model/kind.ts';
import { idAttributeOf } from '../model/relationship.ts';
import { hasRelationships, type Resource, type Row, type ValuesOf } from '../model/resource.ts';
import type { Zone } from '../model/zone.ts';

export type Attributes = Readonly<Record<string, unknown>>;

interface Expected {
  readonly type: string;
  /** The id, or the token, in the URL; null if the request creates a resource. */
  readonly id: number | string | null;
}

export interface GivenRecord {
  /** Attributes, including the ids that relationships set. */
  readonly attributes: Attributes;
  /** Violations of the relationships. */
  readonly violations: readonly ErrorObject[];
  /** Relationships by the attribute that they set. */
  readonly relationships: ReadonlyMap<string, string>;
}

/**
 * Reads the attributes and relationships of the primary data of a document. If the resource has no relationships,
 * they are ignored.
 * @throws ApiError as readDocument
 */
export function readRecord(body: Buffer | null, resource: Resource, id: number | null): GivenRecord {
  const { attributes, relationships } = readData(body, { type: resource.type, id });
  if (!hasRelationships(resource)) return { attributes, violations: [], relationships: new Map() };
  return readRelationships(attributes, relationships, resource);
}

/**
 * Reads the attributes of the primary data of a document.
 * @throws ApiError malformed_document (400), access_denied (403, for a client-generated id), resource_conflict (409)
 */
export function readDocument(body: Buffer | null, expected: Expected): Attributes {
  return readData(body, expected).attributes;
}

interface Data {
  readonly attributes: Attributes;
  readonly relationships: Attributes;
}

function readData(body: Buffer | null, expected: Expected): Data {
  const document = parseJson(body);
  if (!isObject(document)) throw malformed('The document must be an object', '');
  const { data } = document;
  if (!isObject(data)) throw malformed('data must be a resource object', 'data');
  if (typeof data.type !== 'string') throw malformed('data.type must be a string', 'data/type');
  if (data.id !== undefined && typeof data.id !== 'string')
    throw malformed('data.id must be a string', 'data/id');
  for (const member of ['attributes', 'relationships', 'links', 'meta']) {
    if (data[member] !== undefined && !isObject(data[member]))
      throw malformed(`data.${member} must be an object`, `data/${member}`);
  }
  if (data.type !== expected.type) throw conflict(`data.type must be ${expected.type}`, 'data/type');
  if (expected.id === null) {
    // JSON:API, "Client-Generated IDs": a server that does not support them answers 403.
    if (data.id !== undefined)
      throw new ApiError('access_denied', {
        detail: 'Client-generated ids are not supported: the server generates the id',
        pointer: 'data/id',
      });
  } else if (data.id !== undefined && data.id !== String(expected.id)) {
    throw conflict('data.id does not match the id in the URL', 'data/id');
  }
  const { attributes = {}, relationships = {} } = data as Partial<Data>;
  return { attributes, relationships };
}

/** A to-one relationship sets an id: `owner` sets `owner_id`. A relationship without `data` sets nothing. */
function readRelationships(
  attributes: Attributes,
  relationships: Attributes,
  resource: Resource,
): GivenRecord {
  const given: Record<string, unknown> = { ...attributes };
  const violations: ErrorObject[] = [];
  const unknown: string[] = [];
  const names = new Map<string, string>();
  for (const [name, relationship] of Object.entries(relationships)) {
    const pointer = `data/relationships/${name}`;
    if (!isObject(relationship)) throw malformed(`${pointer} must be an object`, pointer);
    const { data } = relationship;
    if (data === undefined) continue;
    if (!Object.hasOwn(resource.relationships, name)) {
      unknown.push(name);
      continue;
    }
    const { to } = resource.relationships[name]!;
    const attribute = idAttributeOf(name);
    const id = linkageId(data, to, pointer);
    if (id === undefined) violations.push(relationshipViolation(name, `must be of the type ${to}`));
    else if (Object.hasOwn(attributes, attribute) && !isSameId(attributes[attribute], id))
      violations.push(relationshipViolation(name, `is not the one of ${attribute}`));
    else {
      given[attribute] = id;
      names.set(attribute, name);
    }
  }
  return {
    attributes: given,
    violations: [...violations, ...unknownRelationships(unknown)],
    relationships: names,
  };
}

/**
 * @returns undefined for a record of another type
 * @throws ApiError malformed_document
 */
function linkageId(data: unknown, type: string, pointer: string): string | null | undefined {
  if (data === null) return null;
  if (!isObject(data) || typeof data.type !== 'string' || typeof data.id !== 'string')
    throw malformed(`${pointer}/data must be null, or an object with type and id`, `${pointer}/data`);
  return data.type === type ? data.id : undefined;
}

function isSameId(attribute: unknown, id: string | null): boolean {
  return attribute === null || id === null ? attribute === id : String(attribute) === id;
}

export interface AttributeChanges<V = Row> {
  /** Values to store, for the attributes that the caller may write. */
  readonly values: V;
  readonly violations: readonly ErrorObject[];
  /** The attributes as the client sent them. */
  readonly given: Attributes;
}

export interface ReadingOptions {
  readonly action: 'create' | 'update';
  /**
   * Who sets the attributes. A superuser may, in each action, set every attribute that some audience may set in any
   * action. It gets a violation for all other attributes, because it names attributes one by one. For JSON:API
   * clients they are ignored, because they often send the whole resource back.
   */
  readonly by: AudienceSet | 'superuser';
  readonly zone: Zone;
  /** Names that are not attributes of the resource and are read elsewhere. */
  readonly extra?: readonly string[];
}

/**
 * Checks attributes by their declaration. Attributes that the caller may not write are ignored; unknown attributes
 * are violations.
 */
export function readAttributes<R extends Resource>(
  attributes: Attributes,
  resource: R,
  options: ReadingOptions,
): AttributeChanges<ValuesOf<R>> {
  const values: Record<string, Stored> = {};
  const violations: ErrorObject[] = [];
  const unknown: string[] = [];
  for (const name of Object.keys(attributes)) {
    const value = attributes[name];
    if (options.extra?.includes(name)) continue;
    const attribute = Object.hasOwn(resource.attributes, name) ? resource.attributes[name] : undefined;
    if (attribute === undefined) {
      unknown.push(name);
      continue;
    }
    if (options.by === 'superuser') {
      if (!isWritable(attribute)) {
        violations.push(violation(name, 'is set by the server'));
        continue;
      }
    } else if ((resource.writers[options.action].get(name)! & options.by) === 0) continue;
    if (value === null) {
      // Some clients send all attributes of a new record, with null for those that the server should set.
      if (options.action === 'create' && attribute.default !== undefined) continue;
      if (attribute.nullable) values[name] = null;
      else violations.push(violation(name, "can't be blank"));
      continue;
    }
    const checked = attribute.kind.check(value, options.zone);
    if ('violations' in checked) violations.push(...checked.violations.map((rule) => violation(name, rule)));
    else values[name] = checked.value;
  }
  if (options.action === 'create') {
    for (const [name, attribute] of Object.entries(resource.attributes)) {
      if (attribute.required && !Object.hasOwn(attributes, name))
        violations.push(violation(name, "can't be blank"));
    }
  }
  return {
    values: values as ValuesOf<R>,
    violations: [...violations, ...unknownAttributes(unknown)],
    given: attributes,
  };
}

/** Whether any audience may write the attribute. */
function isWritable({ create = [], update = [] }: Attribute): boolean {
  return create.length + update.length > 0;
}

/** The violation of a value that must be a text and is not, or is empty. */
export function requiredText(attribute: string, value: unknown): ErrorObject[] {
  if (value === undefined || value === null || value === '') return [violation(attribute, "can't be blank")];
  return typeof value === 'string' ? [] : [violation(attribute, 'is not a string')];
}

/** A violation for each unknown name, up to the maximum number of errors in a response. */
export function unknownAttributes(names: readonly string[]): ErrorObject[] {
  return unknownMembers(names, (name) => violation(name, 'is not a known attribute'));
}

/**
 * The same for attributes that the operation has not read. Those of the resource are ignored, because JSON:API clients send
 * whole resources back.
 */
export function unknownBeside(
  { attributes }: Pick<Resource, 'attributes'>,
  others: Attributes,
): ErrorObject[] {
  return unknownAttributes(Object.keys(others).filter((name) => !Object.hasOwn(attributes, name)));
}

function unknownRelationships(names: readonly string[]): ErrorObject[] {
  return unknownMembers(names, (name) => relationshipViolation(name, 'is not a known relationship'));
}

function unknownMembers(names: readonly string[], refuse: (name: string) => ErrorObject): ErrorObject[] {
  const shown = names.slice(0, maxErrors).map((name) => refuse(name.slice(0, 100).toWellFormed()));
  const rest = names.length - shown.length;
  return rest === 0 ? shown : [...shown, moreErrors('invalid_attribute', rest)];
}

function parseJson(body: Buffer | null): unknown {
  if (body === null || body.length === 0) throw malformed('The body is empty', '');
  if (isWide(body)) throw malformed('The body is in UTF-16 or UTF-32; send it in UTF-8', '');
  let text: string;
  try {
    // RFC 8259 section 8.1: a byte order mark may be ignored. TextDecoder removes it.
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw malformed('The body is not UTF-8', '');
  }
  if (text === '') throw malformed('The body is empty', '');
  try {
    return readJson(text);
  } catch (error) {
    if (error instanceof JsonError) throw malformed(`The body ${error.message}`, '');
    throw error;
  }
}

/**
 * Whether the text begins with a byte order mark of UTF-16 or UTF-32, or with a NUL in the first two bytes, which
 * valid JSON in UTF-8 never has.
 */
function isWide(body: Buffer): boolean {
  const [first, second] = body;
  return (
    (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || first === 0 || second === 0
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

function malformed(detail: string, pointer: string): ApiError {
  return new ApiError('malformed_document', { detail, pointer });
}

function conflict(detail: string, pointer: string): ApiError {
  return new ApiError('resource_conflict', { detail, pointer });
}
