// Queries by which records could be found: generated from the definition of a resource and from what its rows contain.

import type { Attribute } from '../../../src/model/attribute.ts';
import type { Stored } from '../../../src/model/kind.ts';
import type { Resource } from '../../../src/model/resource.ts';
import type { Expectation } from './expectation.ts';
import { markerStart } from './markers.ts';
import type { Matrix } from './start-matrix.ts';

export interface SearchQuery {
  readonly text: string;
  /** Null if it names none, or several. */
  readonly attribute: string | null;
}

/** Every filter with each operator, for the values of some records; groups; the search. */
export function filtersOf(matrix: Matrix, resource: Resource, expectation: Expectation): SearchQuery[] {
  const valuesOf = (name: string): Stored[] => {
    const all = expectation.subjects.map((subject) =>
      name === 'id' ? matrix.idOf(expectation, subject) : matrix.rowOf(expectation, subject)[name]!,
    );
    return [...new Set([all[Math.floor(all.length / 2)]!, all.at(-1)!, ...all])].slice(0, 2);
  };
  const comparisons = [...resource.filters].flatMap(([name, attribute]) =>
    attribute.kind.operators.flatMap((operator) =>
      valuesOf(name)
        .filter((value) => value !== null || operator === 'eq' || operator === 'not_eq')
        .slice(0, operator === 'eq' ? 2 : 1)
        .map((value) => ({
          text: `filter[${name}][${operator}]=${valueText(attribute, value, operator)}`,
          attribute: name,
        })),
    ),
  );
  const searches = resource.search.flatMap((name) =>
    valuesOf(name).map((value) => `filter[query]=${encodeURIComponent(String(value))}`),
  );
  const [one, other] = valuesOf('id');
  const others = [
    ...searches,
    ...(resource.search.length > 0 ? [`filter[query]=${markerStart}`] : []),
    `filter[$op]=or&filter[0][id]=${one}&filter[1][id][not_eq]=${other}`,
    `filter[$op]=or&filter[0][id]=${one}&filter[1][$op]=and&filter[1][0][id]=${other}`,
  ];
  return [...comparisons, ...others.map((text) => ({ text, attribute: null }))];
}

function valueText({ kind: { column, schema } }: Attribute, value: Stored, operator: string): string {
  if (value === null) return '';
  const isTime = column === 'integer' && (schema as { format?: string }).format === 'date-time';
  const text = isTime ? new Date(value as number).toISOString() : String(value);
  // A part that several records have.
  return encodeURIComponent(operator.includes('contain') ? text.slice(3, 14) : text);
}

export function sortsOf({ sorts }: Resource): SearchQuery[] {
  return [...sorts.keys()].flatMap((attribute) =>
    [`sort=${attribute}`, `sort=-${attribute}`].map((text) => ({ text, attribute })),
  );
}
