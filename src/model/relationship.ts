// A relationship: a reference from a record to a record of another or the same resource (JSON:API, "Relationships").
// All are to-one.

/**
 * The attribute `<name>_id` holds the id of the other record. Declare it `hidden` if documents should show only the
 * relationship, and `joined` if the id is a column of another table.
 */
export interface Relationship {
  /** The type of the other resource. Its own access decides who sees its records. */
  readonly to: string;
  /** One sentence for the reference pages. */
  readonly description: string;
  /**
   * Documents always contain the id, as `{"data": {"type", "id"}}`. Without `linked` they contain it only if
   * `include` loads the record, else `{"meta": {"included": false}}`.
   */
  readonly linked?: true;
  /** Few records refer to the same other record, some hundreds at most: to find them takes no long read. */
  readonly few?: true;
  /** A body may name a record outside of the organization in X-Organization-Id, if the caller sees it without. */
  readonly givenAnywhere?: true;
}

/** The ids of the other records, in the order of the relationships. */
export type Links = readonly (number | null)[];

/** What `include` loads: relationships by name, each with the relationships to load of the other record. */
export type Includes = ReadonlyMap<string, Includes>;

/** Maximum number of relationships in a path of `include`. */
export const maxIncludeDepth = 3;

export function idAttributeOf(relationship: string): string {
  return `${relationship}_id`;
}
