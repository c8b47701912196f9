// Writes rows as resource objects, and resource objects as documents. JSON is built directly as text, with one
// closure for each attribute, created once for each set of fields.

import type { DerivationContext } from '../model/attribute.ts';
import type { AudienceSet } from '../model/audience.ts';
import type { Stored } from '../model/kind.ts';
import type { Resource, Row } from '../model/resource.ts';
import type { Zone } from '../model/zone.ts';

export type WriteResource = (row: Row, audience: AudienceSet) => string;

interface WriterContext extends DerivationContext {
  readonly zone: Zone;
}

/**
 * @param fields names of the attributes to write; null for all
 * @returns a function that writes a row as a resource object for the given audiences
 */
export function resourceWriter(
  resource: Resource,
  fields: readonly string[] | null,
  context: WriterContext,
): WriteResource {
  const names = fields ?? resource.names;
  const writers = names.map((name, index) => {
    const { kind, derived } = resource.attributes[name]!;
    const readers = resource.readers.get(name)!;
    const open = resource.attributes[name]!.read === 'everyone';
    const key = `${index === 0 ? '' : ','}"${name}":`;
    const value = derived ? (row: Row) => derived(row, context) : (row: Row): Stored => row[name]!;
    return (row: Row, audience: AudienceSet): string => {
      if (!open && (readers & audience) === 0) return `${key}null`;
      const stored = value(row);
      return stored === null ? `${key}null` : key + kind.write(stored, context.zone);
    };
  });
  const head = `","type":"${resource.type}","attributes":{`;
  return (row, audience) => {
    // join instead of +: the text may be cached, and + would create a rope that V8 flattens at every use.
    const parts = writers.map((write) => write(row, audience));
    return [`{"id":"${row.id}${head}`, ...parts, '}}'].join('');
  };
}

/** Another text when documents of the resource have other attributes, or other readers of them. */
export function documentForm({ type, audiences, attributes }: Resource): string {
  const forms = Object.entries(attributes).map(([name, { kind, read }]) => [name, kind.name, read]);
  return JSON.stringify([type, Object.keys(audiences), forms]);
}

export function recordDocument(resourceObject: string): string {
  return `{"data":${resourceObject},"meta":{}}`;
}

export function collectionDocument(
  resourceObjects: readonly string[],
  links: Readonly<Record<string, string>>,
  meta: Readonly<Record<string, unknown>>,
): string {
  return `{"data":[${resourceObjects.join(',')}],"links":${JSON.stringify(links)},"meta":${JSON.stringify(meta)}}`;
}
