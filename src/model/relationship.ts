// How a record refers to a record of another resource, or of its own: JSON:API, "Relationships". All are to-one.

/**
 * The attribute `<name>_id` holds the id of the other record. Declare it `hidden` if documents show the relationship alone,
 * and `joined` if the id is a column of another table.
 */
export interface Relationship {
  /** The type of the other resource. Who sees its records is decided by its own access. */
  readonly to: string;
  /** One sentence for the reference. */
  readonly description: string;
  /**
   * Documents always carry the id, `{"data": {"type", "id"}}`. By default they carry it only where `include` loads the
   * record, and else `{"meta": {"included": false}}`.
   */
  readonly linked?: true;
}

/** The ids of the other records, in the order of the relationships. */
export type Links = readonly (number | null)[];

/** What `include` loads: relationships by name, each with what is loaded of the other record. */
export type Includes = ReadonlyMap<string, Includes>;

/** How many relationships may follow each other in a path of `include`. */
export const maxIncludeDepth = 3;

export function idAttributeOf(relationship: string): string {
  return `${relationship}_id`;
}
