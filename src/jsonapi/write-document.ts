// Writes rows as resource objects, and resource objects as documents. JSON is built directly as text, with one
// closure for each attribute, created once for each set of fields.

import type { DerivationContext } from '../model/attribute.ts';
import { type AudienceSet, everyAudience } from '../model/audience.ts';
import type { Stored } from '../model/kind.ts';
import { idAttributeOf, type Links } from '../model/relationship.ts';
import type { Report } from '../model/report.ts';
import { hasRelationships, type Resource, type Row } from '../model/resource.ts';
import type { Zone } from '../model/zone.ts';

export type WriteResource = (row: Row, audience: AudienceSet) => string;

export type Meta = Readonly<Record<string, unknown>>;

interface WriterContext extends DerivationContext {
  readonly zone: Zone;
}

/**
 * Writes the member `attributes`. If `fields` names no attribute, the member is left out; resources without
 * relationships write an empty object.
 */
function attributesWriter(
  resource: Resource,
  fields: readonly string[] | null,
  context: WriterContext,
): { readonly start: string; readonly writers: readonly WriteResource[]; readonly end: string } {
  const names = fields === null ? resource.names : fields.filter((name) => resource.names.includes(name));
  const writers = names.map((name, index): WriteResource => {
    const { kind, derived, shownOnce } = resource.attributes[name]!;
    const readers = resource.readers.get(name)!;
    const open = resource.attributes[name]!.read === 'everyone';
    const key = `${index === 0 ? '' : ','}"${name}":`;
    const value = derived
      ? (row: Row) => derived(row, context)
      : shownOnce
        ? (row: Row) => row[name] ?? null
        : (row: Row): Stored => row[name]!;
    return (row: Row, audience: AudienceSet): string => {
      if (!open && (readers & audience) === 0) return `${key}null`;
      const stored = value(row);
      return stored === null ? `${key}null` : key + kind.write(stored, context.zone);
    };
  });
  const isOmitted = names.length === 0 && hasRelationships(resource);
  return isOmitted
    ? { start: `","type":"${resource.type}"`, writers, end: '' }
    : { start: `","type":"${resource.type}","attributes":{`, writers, end: '}' };
}

/**
 * @param fields names of attributes and relationships to write; null for all
 * @returns a function that writes a row as a resource object for the given audiences, without relationships loaded by
 * `include`. The text is a rope of its parts, see `flattened`
 */
export function resourceWriter(
  resource: Resource,
  fields: readonly string[] | null,
  context: WriterContext,
): WriteResource {
  const { start, writers, end } = attributesWriter(resource, fields, context);
  const writeEnd = relationshipsWriter(resource, fields);
  const close = `${end}}`;
  const isLinked = hasRelationships(resource);
  return (row, audience) => {
    let text = `{"id":"${row.id}${start}`;
    for (const write of writers) text += write(row, audience);
    return text + (isLinked ? `${end}${writeEnd(linksOf(resource, row), null)}}` : close);
  };
}

/**
 * The same text, as one sequence of characters. V8 builds a text of many parts as a rope, which is fast if it is written
 * once. Before a text is kept, it is flattened: else each document that contains it would do so again.
 */
export function flattened(text: string): string {
  // Measuring the text flattens it.
  Buffer.byteLength(text);
  return text;
}

/** Writes a report. It has no derived attributes, so no secret is needed. */
export function reportWriter(report: Report, fields: readonly string[] | null, zone: Zone) {
  const write = resourceWriter(report, fields, { zone, identityHash: () => '' });
  return (values: Row): string => write(values, everyAudience(report));
}

/** Another text when documents of the resource have other attributes, or other readers of them. */
export function documentForm({ type, audiences, attributes, relationships }: Resource): string {
  const forms = Object.entries(attributes).map(([name, { kind, read }]) => [name, kind.name, read]);
  return JSON.stringify([type, Object.keys(audiences), forms, relationships]);
}

/** A resource object without attributes and relationships. */
export function bareResource({ type }: Resource, id: number): string {
  return `{"id":"${id}","type":"${type}"}`;
}

const noLinks: Links = [];

export function linksOf(resource: Resource, row: Row): Links {
  if (!hasRelationships(resource)) return noLinks;
  return Object.keys(resource.relationships).map((name) => row[idAttributeOf(name)] as number | null);
}

/** The relationships of one record that `include` has loaded. */
export interface Loaded {
  readonly names: ReadonlySet<string>;
  /** Whether the reader sees the record. */
  isSeen(type: string, id: number): boolean;
}

type WriteRelationships = (links: Links, loaded: Loaded | null) => string;

const relationshipsStart = ',"relationships":{';

/** @returns an empty text if the resource has no relationships, or `fields` names none */
function relationshipsWriter(resource: Resource, fields: readonly string[] | null): WriteRelationships {
  const writers = Object.entries(resource.relationships).flatMap(([name, { to, linked }], index) => {
    if (fields !== null && !fields.includes(name)) return [];
    const key = `"${name}":`;
    const linkage = (id: number | null) =>
      id === null ? `${key}{"data":null}` : `${key}{"data":{"type":"${to}","id":"${id}"}}`;
    return (links: Links, loaded: Loaded | null): string => {
      const id = links[index]!;
      if (loaded?.names.has(name)) return linkage(id !== null && loaded.isSeen(to, id) ? id : null);
      return linked ? linkage(id) : `${key}{"meta":{"included":false}}`;
    };
  });
  if (writers.length === 0) return () => '';
  return (links, loaded) => `${relationshipsStart}${writers.map((write) => write(links, loaded)).join(',')}}`;
}

/**
 * @param fields the fields with which the resource object was written
 * @returns a function that replaces the relationships of a resource object by those that `include` has loaded
 */
export function loadedWriter(
  resource: Resource,
  fields: readonly string[] | null,
): (resourceObject: string, links: Links, loaded: Loaded) => string {
  const write = relationshipsWriter(resource, fields);
  return (resourceObject, links, loaded) => {
    const relationships = write(links, loaded);
    // Relationships are the last member, and contain only names and ids.
    return relationships === ''
      ? resourceObject
      : `${resourceObject.slice(0, resourceObject.lastIndexOf(relationshipsStart))}${relationships}}`;
  };
}

/** @param included null if the request has no `include` */
export function recordDocument(
  resourceObject: string,
  included: readonly string[] | null = null,
  meta: Meta | null = null,
): string {
  return `{"data":${resourceObject}${includedMember(included)},"meta":${meta === null ? '{}' : JSON.stringify(meta)}}`;
}

export function collectionDocument(
  resourceObjects: readonly string[],
  included: readonly string[] | null,
  links: Readonly<Record<string, string>>,
  meta: Meta,
): string {
  return `{"data":[${listed(resourceObjects)}]${includedMember(included)},"links":${JSON.stringify(links)},"meta":${JSON.stringify(meta)}}`;
}

function includedMember(included: readonly string[] | null): string {
  return included === null ? '' : `,"included":[${listed(included)}]`;
}

/** Not `join`, which copies each text: appended, they stay parts of the document until that is written. */
function listed(texts: readonly string[]): string {
  let list = '';
  for (const text of texts) list += list === '' ? text : `,${text}`;
  return list;
}
