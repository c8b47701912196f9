// A report is a document that is computed for each request. It has attributes, and `fields` selects from them, but no
// table: it cannot be filtered or included. Most answer a question about a record, and have the record's id; some tell what
// a link is for, and have its token as id, so that JSON:API clients send it back in their PATCH.

import type { Attribute } from './attribute.ts';
import { defineResource, type RecordOf, type Resource } from './resource.ts';

interface ReportDefinition {
  readonly type: string;
  /** Of its schema and its page; by default the type. For a report that has the type of a resource. */
  readonly name?: string;
  /** See ResourceDefinition. */
  readonly hasTokenAsId?: true;
  /** Who may read the report reads all of it. */
  readonly attributes: Readonly<
    Record<string, Pick<Attribute, 'kind' | 'nullable' | 'description' | 'example'>>
  >;
}

export type Report = Resource;

/** The values of a report: one for each attribute, as stored. */
export type ReportOf<R extends Resource> = Omit<RecordOf<R>, 'revision' | 'shown'>;

type Readable<A extends ReportDefinition['attributes']> = {
  readonly [N in keyof A]: A[N] & { readonly read: 'everyone' };
};

/** @throws Error (at start) if the definition is contradictory */
export function defineReport<const D extends ReportDefinition>({
  type,
  name = type,
  hasTokenAsId,
  attributes,
}: D) {
  const entries = Object.entries(attributes).map(([name, one]) => [name, { ...one, read: 'everyone' }]);
  return defineResource({
    type,
    singular: name,
    audiences: {},
    search: [],
    isComputed: true,
    ...(hasTokenAsId && { hasTokenAsId }),
    attributes: Object.fromEntries(entries) as Readable<D['attributes']>,
  });
}

/** The name of the schema and the page of a resource: its type, which a report may share with it. */
export function pageNameOf({ type, singular, isComputed }: Resource): string {
  return isComputed ? singular : type;
}
