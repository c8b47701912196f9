// A resource is data: each attribute is declared once. Validation, documents, query parsing, SQL, OpenAPI, the
// reference pages and the types of rows are derived from the definition.

import { type Attribute, idAttribute } from './attribute.ts';
import { type AudienceSet, audienceSet, everyAudience, type HasAudiences, maxAudiences } from './audience.ts';
import type { Kind, Stored } from './kind.ts';
import { identifier, numericIdentifier } from './kinds/number.ts';
import { idAttributeOf, type Relationship } from './relationship.ts';

/** A row as stored: a value for each column. */
export type Row = Readonly<Record<string, Stored>>;

export interface ResourceDefinition extends HasAudiences {
  readonly type: string;
  /** One record of the type, in actions of audit events (`user.update`) and in error texts. */
  readonly singular: string;
  /**
   * Attributes that decide to which audiences of a record a caller belongs, for example the id of its owner. They are
   * read together with every version, so that the cached rendering for the right audience can be found.
   */
  readonly audiencesBy?: readonly string[];
  /** The attribute with the account that audit events of the record concern, or `id`. Absent for none. */
  readonly recordedFor?: string;
  /** The attribute with the organization that audit events of the record belong to, or `id`. Absent for none. */
  readonly recordedUnder?: string;
  /**
   * Records are added and never change; there may be millions. Lists are sorted by id, and are read along indexes, see
   * store/sql/walks.ts.
   */
  readonly isAppended?: true;
  /** Documents are computed for each request; there is no table, see report.ts. */
  readonly isComputed?: true;
  /** The id of a document is the token of a link, and not a number. Only if it is computed. */
  readonly hasTokenAsId?: true;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly relationships?: Readonly<Record<string, Relationship>>;
  /** `include` is refused as an unknown parameter, also an empty one, which other resources accept. */
  readonly refusesInclude?: true;
  /** The attributes that `filter[query]` searches. */
  readonly search: readonly string[];
  /** There is an index for texts of one and two characters, see store/sql/short-texts.ts. Without it they scan all rows. */
  readonly indexesShortTexts?: true;
  /**
   * An attribute whose values that index has too, so that it finds texts within an organization of a million people. Its
   * values are ids.
   */
  readonly shortTextsWithin?: string;
  /** Rows of another table that have copies of attributes. Triggers keep them, see store/sql/copy-first.ts. */
  readonly copies?: Copies;
}

export interface Copies {
  readonly table: string;
  /** Its column with the id of the record. */
  readonly by: string;
  /** Its column with another id, in whose order an index has the rows of one record. */
  readonly within: string;
  readonly attributes: readonly string[];
}

export interface Resource<D extends ResourceDefinition = ResourceDefinition> extends ResourceDefinition {
  /** The definition itself, with its literal types. */
  readonly definition: D;
  readonly audiences: D['audiences'];
  readonly relationships: Readonly<Record<string, Relationship>>;
  /** The attributes that documents show. */
  readonly names: readonly string[];
  /** The names that `fields` may contain: attributes and relationships. */
  readonly fields: readonly string[];
  readonly columns: readonly string[];
  /** Attributes that only the response shows that creates the record. */
  readonly shownOnce: readonly string[];
  /** The attributes that can be used in filters and sorts, including the id. */
  readonly filters: ReadonlyMap<string, Attribute>;
  readonly sorts: ReadonlyMap<string, Attribute>;
  readonly readers: ReadonlyMap<string, AudienceSet>;
  /** Who may set an attribute in a POST, and in a PATCH. */
  readonly writers: Readonly<Record<'create' | 'update', ReadonlyMap<string, AudienceSet>>>;
  /** The audiences that can read an attribute that not everyone can read. */
  readonly readingAudiences: AudienceSet;
  /** The audiences that read an attribute which included records do not show. */
  readonly audiencesNotIncluded: AudienceSet;
}

type Attributes<R extends Resource> = R['definition']['attributes'];

type ValueOf<A extends Attribute> =
  | (A['kind'] extends Kind<infer T> ? T : never)
  | (A extends { readonly nullable: true } ? null : never);

/**
 * The revision of the other record that joined values come from. If there are several such records, their revisions
 * as one text, joined by dots.
 */
export type ShownRevisions = number | string | null;

type Version = { readonly id: number; readonly revision: number; readonly shown: ShownRevisions };

/**
 * A row of the resource: its stored attributes, including joined ones but not derived ones. Only the row that a creation
 * returns has the values that are shown once.
 */
export type RecordOf<R extends Resource = Resource> = Version & {
  readonly [N in keyof Attributes<R> as Attributes<R>[N] extends NotStored ? never : N]: ValueOf<
    Attributes<R>[N]
  >;
} & {
  readonly [N in keyof Attributes<R> as Attributes<R>[N] extends { readonly shownOnce: true }
    ? N
    : never]?: ValueOf<Attributes<R>[N]>;
};

type NotStored = { readonly derived: unknown } | { readonly shownOnce: true };

/** Values to write: some of the resource's own columns. */
export type ValuesOf<R extends Resource> = string extends keyof Attributes<R>
  ? Row
  : {
      readonly [N in keyof Attributes<R> as Attributes<R>[N] extends NotStored | { readonly joined: unknown }
        ? never
        : N]?: ValueOf<Attributes<R>[N]>;
    };

/** @throws Error (at start) if the definition is contradictory */
export function defineResource<const D extends ResourceDefinition>(definition: D): Resource<D> {
  checkDefinition(definition);
  const entries = Object.entries<Attribute>(definition.attributes);
  // Without a table, not even the id can be looked for.
  const found: [string, Attribute][] = definition.isComputed ? [] : [['id', idAttribute], ...entries];
  const everyone = everyAudience(definition);
  const writers = (action: 'create' | 'update') =>
    new Map(entries.map(([name, a]) => [name, audienceSet(definition, ...(a[action] ?? []))]));
  const readers = new Map(
    entries.map(([name, { read }]) => [
      name,
      read === 'everyone' ? everyone : audienceSet(definition, ...read),
    ]),
  );
  const { relationships = {} } = definition;
  const readersOf = (isWanted: (entry: [string, Attribute]) => boolean) =>
    entries.filter(isWanted).reduce((set, [name]) => set | readers.get(name)!, 0);
  const names = entries.filter(([, { hidden }]) => !hidden).map(([name]) => name);
  return {
    ...definition,
    definition,
    relationships,
    names,
    fields: [...names, ...Object.keys(relationships)],
    columns: entries.filter(([, a]) => hasColumn(a)).map(([name]) => name),
    shownOnce: entries.filter(([, a]) => a.shownOnce).map(([name]) => name),
    filters: new Map(found.filter(([, a]) => a.filter)),
    sorts: new Map(found.filter(([, a]) => a.sort)),
    readers,
    writers: { create: writers('create'), update: writers('update') },
    readingAudiences: readersOf(([, { read }]) => read !== 'everyone'),
    audiencesNotIncluded: readersOf(([, { notIncluded }]) => notIncluded === true),
  };
}

function hasColumn({ derived, joined, shownOnce }: Attribute): boolean {
  return !derived && !joined && !shownOnce;
}

/** Whether the row has a value that is shown once. A document of it must not be cached or shown again. */
export function isShownOnce({ shownOnce }: Resource, row: Row): boolean {
  return shownOnce.some((name) => row[name] !== undefined);
}

export function hasRelationships({ relationships }: Resource): boolean {
  return Object.keys(relationships).length > 0;
}

/** Whether an attribute, or the id, can be read by whoever sees the record and belongs to these audiences of it. */
export function isReadableBy(resource: Resource, name: string, audience: AudienceSet): boolean {
  return isReadByEveryone(resource, name) || (resource.readers.get(name)! & audience) !== 0;
}

export function isReadByEveryone(resource: Resource, name: string): boolean {
  return attributeOf(resource, name).read === 'everyone';
}

export function attributeOf(resource: Resource, name: string): Attribute {
  return name === 'id' ? idAttribute : resource.attributes[name]!;
}

function checkDefinition({
  type,
  singular,
  audiences,
  audiencesBy = [],
  recordedFor,
  recordedUnder,
  isAppended,
  attributes,
  relationships = {},
  search,
}: ResourceDefinition): void {
  if (!identifierForm.test(type))
    throw new Error(`${type}: a type is snake_case: it is also the name of a table`);
  if (!identifierForm.test(singular))
    throw new Error(`${type}: singular is the name of one record in snake_case, for example backup_code`);
  if (Object.keys(audiences).length > maxAudiences)
    throw new Error(`${type}: more than ${maxAudiences} audiences`);
  for (const [name, attribute] of Object.entries(attributes)) {
    const refuse = (reason: string) => new Error(`${type}.${name}: ${reason}`);
    if (!identifierForm.test(name))
      throw refuse('the name must be snake_case, as it is a JSON key and a column');
    const companion = name.endsWith('_key') ? attributes[name.slice(0, -'_key'.length)] : undefined;
    if (reserved.includes(name) || companion?.kind.folded !== undefined) throw refuse('the name is reserved');
    const { kind, read, create = [], update = [], joined, filter, sort, shownOnce } = attribute;
    const { required, nullable, default: fallback = null } = attribute;
    if (create.length > 0 && !required && !nullable && fallback === null)
      throw refuse('a record is created without a value: it must be required, nullable or have a default');
    if (fallback !== null && typeof fallback !== storedTypes[kind.column])
      throw refuse(`the default of a ${kind.name} is not a ${typeof fallback}`);
    const named = [...(read === 'everyone' ? [] : read), ...create, ...update];
    const unknown = named.find((audience) => !Object.hasOwn(audiences, audience));
    if (unknown !== undefined) throw refuse(`there is no audience ${unknown}`);
    if (isAppended && sort) throw refuse('lists of a resource whose records are only added are sorted by id');
    if (!hasColumn(attribute) && (filter || sort))
      throw refuse('an attribute that has no column cannot be filtered or sorted by');
    if (read.length === 0 && (filter || sort))
      throw refuse('nobody may read it, so nobody can filter or sort by it');
    if (filter && kind.operators.length === 0) throw refuse(`a ${kind.name} cannot be filtered by`);
    if (attribute.notIncluded && read === 'everyone')
      throw refuse('an attribute that everyone may read is included');
    if (shownOnce && (!nullable || create.length + update.length > 0))
      throw refuse('what is shown once is null afterwards, and made by the server');
    if (joined && attributes[joined.by]?.kind.column !== 'integer')
      throw refuse(`${joined.by} is not an attribute that holds an id`);
  }
  for (const [name, whose] of [
    [recordedFor, 'an account'],
    [recordedUnder, 'an organization'],
  ]) {
    if (name === undefined || name === 'id') continue;
    const attribute = attributes[name];
    if (attribute === undefined || !identifiers.includes(attribute.kind) || !hasColumn(attribute))
      throw new Error(`${type}.${name}: the audit trail needs a column with the id of ${whose}`);
  }
  for (const name of audiencesBy) {
    const attribute = attributes[name];
    if (attribute === undefined || !hasColumn(attribute))
      throw new Error(`${type}.${name}: only a column of the resource can decide audiences`);
  }
  for (const name of Object.keys(relationships)) {
    const refuse = (reason: string) => new Error(`${type}.${name}: ${reason}`);
    // JSON:API, "Fields": attributes and relationships share one namespace.
    if (!identifierForm.test(name) || name === 'id' || name === 'type' || attributes[name] !== undefined)
      throw refuse('a relationship has a name in snake_case that no attribute has');
    const attribute = attributes[idAttributeOf(name)];
    if (attribute === undefined || attribute.derived || !identifiers.includes(attribute.kind))
      throw refuse(`${idAttributeOf(name)} must be an identifier, a column or joined`);
    if (attribute.read !== 'everyone') throw refuse(`not everyone may read ${idAttributeOf(name)}`);
  }
  for (const name of search) {
    const attribute = attributes[name];
    if (attribute?.kind.folded === undefined || attribute.read !== 'everyone' || !hasColumn(attribute))
      throw new Error(`${type}.${name}: only folded text that everyone may read can be searched`);
  }
}

const identifiers: readonly Kind[] = [identifier, numericIdentifier];

const identifierForm = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

const storedTypes = { integer: 'number', text: 'string', boolean: 'boolean' } as const;

/** Names that attributes cannot have: fields of every row, the member `type` of documents, and the search `filter[query]`. */
const reserved: readonly string[] = ['id', 'revision', 'shown', 'type', 'query'];
