// A resource is data: each attribute stated once. Validation, documents, query parsing, SQL, OpenAPI and the reference
// page are all derived from what stands here.

import { identifier, type Kind, type Stored } from './kind.ts';

/** What a caller is to a record. */
export type Audience = 'self' | 'manager' | 'security';

export const audiences: readonly Audience[] = ['self', 'manager', 'security'];

/** Relations as bits, so that a set of them is one number: the audience of a document, the key of its rendering. */
export type AudienceSet = number;

export function audienceSet(...members: readonly Audience[]): AudienceSet {
  return members.reduce((set, relation) => set | (1 << audiences.indexOf(relation)), 0);
}

/** A row as the store gives it: a value a column. */
export type Row = Readonly<Record<string, Stored>>;

export interface Attribute {
  readonly kind: Kind;
  /** One sentence for the reference. */
  readonly description: string;
  /** As it is written in JSON, where that of the kind would say less. */
  readonly example?: unknown;
  readonly nullable?: true;
  readonly required?: true;
  /** What a new record has where nothing is given; null where absent. */
  readonly default?: Stored;
  /** Who sees the value; others see null. */
  readonly read: 'everyone' | readonly Audience[];
  /** Who may give it in a POST, in a PATCH. Nobody where absent; what others send is ignored. */
  readonly create?: readonly Audience[];
  readonly update?: readonly Audience[];
  readonly filter?: true;
  readonly sort?: true;
  /** Audit events tell that it changed, and no value. For what not everyone may read it is always so. */
  readonly recordedAs?: 'changed';
  /** No column: computed from the row when a document is written. */
  readonly derived?: (row: Row, context: DerivationContext) => Stored;
  /** No column of its own table: the store joins it in. */
  readonly joined?: true;
}

export interface DerivationContext {
  readonly identitySecret: string;
}

export interface ResourceDefinition {
  readonly type: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** The attributes that `filter[query]` looks through. */
  readonly search: readonly string[];
}

export interface Resource extends ResourceDefinition {
  readonly names: readonly string[];
  readonly columns: readonly string[];
  /** What filters and sorts may name, the id included. */
  readonly filters: ReadonlyMap<string, Attribute>;
  readonly sorts: ReadonlyMap<string, Attribute>;
  readonly readers: ReadonlyMap<string, AudienceSet>;
}

const id: Attribute = {
  kind: identifier,
  description: 'The identifier.',
  read: 'everyone',
  filter: true,
  sort: true,
};

const everyAudience = audienceSet(...audiences);

/** @throws Error at boot when the definition contradicts itself */
export function defineResource(definition: ResourceDefinition): Resource {
  const entries = Object.entries(definition.attributes);
  for (const [name, attribute] of entries) {
    const closed = attribute.read !== 'everyone' || attribute.derived || attribute.joined;
    if (closed && (attribute.filter || attribute.sort))
      throw new Error(
        `${definition.type}.${name}: what not everyone may read cannot be filtered or sorted by`,
      );
    if (attribute.filter && attribute.kind.operators.length === 0)
      throw new Error(`${definition.type}.${name}: a ${attribute.kind.name} cannot be filtered by`);
  }
  for (const name of definition.search) {
    const attribute = definition.attributes[name];
    if (
      attribute?.kind.folded === undefined ||
      attribute.read !== 'everyone' ||
      attribute.derived ||
      attribute.joined
    )
      throw new Error(`${definition.type}.${name}: only folded text that everyone may read can be searched`);
  }
  const withId: [string, Attribute][] = [['id', id], ...entries];
  return {
    ...definition,
    names: entries.map(([name]) => name),
    columns: entries.filter(([, a]) => !a.derived && !a.joined).map(([name]) => name),
    filters: new Map(withId.filter(([, a]) => a.filter)),
    sorts: new Map(withId.filter(([, a]) => a.sort)),
    readers: new Map(
      entries.map(([name, a]) => [name, a.read === 'everyone' ? everyAudience : audienceSet(...a.read)]),
    ),
  };
}

export function attributeOf(resource: Resource, name: string): Attribute {
  return name === 'id' ? id : resource.attributes[name]!;
}

/** The relations that make a difference to what is read of this resource. */
export function readingAudiences(resource: Resource): AudienceSet {
  return Object.values(resource.attributes).reduce(
    (set, { read }) => (read === 'everyone' ? set : set | audienceSet(...read)),
    0,
  );
}
