// Reads the query string of a collection as a Query, with what its links need. Unknown parameters are rejected.

import { ApiError } from '../errors.ts';
import type { AudienceSet } from '../model/audience.ts';
import type { Comparison, Filter, Page, Query, SortKey, SortTerm } from '../model/query.ts';
import { attributeOf, isReadableBy, type Resource } from '../model/resource.ts';
import type { Zone } from '../model/zone.ts';
import { type CursorHmac, readCursor, writeCursor } from './cursor.ts';
import { type Parameter, readParameters, shorten, unsupportedParameter } from './parameters.ts';
import { type FilterLimits, readFilter, withPlus } from './read-filter.ts';
import {
  isSelection,
  type ResourcesByType,
  readSelection,
  type Selection,
  wholeRecords,
} from './read-selection.ts';

export const defaultPageSize = 30;
export const maxPageSize = 200;

export interface QueryContext {
  readonly zone: Zone;
  readonly limits: FilterLimits;
  /** Key of the signature of cursors. */
  readonly cursorHmac: CursorHmac;
  readonly resources: ResourcesByType;
}

export interface CollectionQuery extends Query, Selection {
  /** All parameters except page[...] and token, for links. */
  readonly linkParameters: readonly (readonly [string, string])[];
  /** As digits, because a page number may be larger than a double can hold. */
  readonly currentPage: string;
  /** A cache key for totals: equal for queries with the same filter. */
  filterKey(): string;
  /** The cursor of a position in this query. */
  cursorAfter(sortKey: SortKey): string;
}

/** What is known of a list before its query string is read. */
export interface KnownOfList {
  /** What a record must match in addition to the filter of the query string. */
  readonly within?: Filter | null;
  /** What it must match as well, unless the query string filters by this attribute. */
  readonly byDefault?: Comparison | null;
  /** The audiences to which the caller belongs in every record of the list; by default none. */
  readonly audience?: AudienceSet;
}

/** @throws ApiError of status 400 */
export function readCollectionQuery(
  queryString: string,
  resource: Resource,
  context: QueryContext,
  { within = null, byDefault = null, audience = 0 }: KnownOfList = {},
): CollectionQuery {
  const filters: Parameter[] = [];
  const pages = new Map<string, string>();
  const kept: [string, string][] = [];
  let sort: readonly SortTerm[] = [{ attribute: 'id', descending: false }];
  const selected: Parameter[] = [];

  for (const raw of readParameters(queryString)) {
    const parameter = raw.family === 'filter' ? withPlus(raw, resource) : raw;
    const { name, family, path, value } = parameter;
    if (name === 'token') continue;
    if (family === 'page' && path.length === 1 && /^(number|size|after)$/.test(path[0]!)) {
      pages.set(path[0]!, value);
      continue;
    }
    kept.push([name, value]);
    if (name === 'sort') sort = readSort(value, resource, audience);
    else if (family === 'filter' && path.length > 0) filters.push(parameter);
    else if (isSelection(parameter)) selected.push(parameter);
    else throw unsupportedParameter(name);
  }

  const given = readFilter(filters, { resource, audience, zone: context.zone, limits: context.limits });
  const isFiltered = byDefault !== null && names(given, byDefault.attribute);
  const filter = allOf([within, isFiltered ? null : byDefault, given]);
  const filterKey = () => JSON.stringify(filter);
  const cursorScope = () => `${resource.type} ${JSON.stringify(sort)} ${filterKey()}`;
  const page = readPage(pages, sort, resource, cursorScope, context.cursorHmac);
  const { fields, fieldsOf, includes } =
    selected.length === 0 ? wholeRecords : readSelection(selected, resource, context.resources);
  return {
    filter,
    sort,
    fields,
    fieldsOf,
    includes,
    linkParameters: kept,
    filterKey,
    page,
    currentPage: wholeNumber(pages, 'number') ?? '1',
    cursorAfter: (sortKey) => writeCursor(sortKey, cursorScope(), context.cursorHmac),
  };
}

function allOf(conditions: readonly (Filter | null)[]): Filter | null {
  const all = conditions.filter((condition) => condition !== null);
  return all.length > 1 ? { all } : (all[0] ?? null);
}

/** Whether the filter compares the attribute, also within groups. */
function names(filter: Filter | null, attribute: string): boolean {
  if (filter === null) return false;
  if ('attribute' in filter) return filter.attribute === attribute;
  const parts = 'all' in filter || 'any' in filter ? [...(filter.all ?? []), ...(filter.any ?? [])] : [];
  return parts.some((part) => names(part, attribute));
}

/** Reads the query string of a single record: only `fields` and `include` are allowed. */
export function readRecordQuery(
  queryString: string,
  resource: Resource,
  context: Pick<QueryContext, 'resources'>,
): Selection {
  if (queryString === '') return wholeRecords;
  const selected: Parameter[] = [];
  for (const parameter of readParameters(queryString)) {
    if (parameter.name === 'token') continue;
    if (!isSelection(parameter)) throw unsupportedParameter(parameter.name);
    selected.push(parameter);
  }
  return readSelection(selected, resource, context.resources);
}

function readSort(value: string, resource: Resource, audience: AudienceSet): readonly SortTerm[] {
  const terms: SortTerm[] = [];
  for (const text of value.split(',')) {
    const descending = text.startsWith('-');
    const attribute = descending ? text.slice(1) : text;
    const isKnown = resource.sorts.has(attribute) && isReadableBy(resource, attribute, audience);
    if (!isKnown || terms.some((term) => term.attribute === attribute))
      throw new ApiError('unsupported_sort', {
        detail: `Sort by '${shorten(attribute)}' is not supported on this endpoint`,
        parameter: 'sort',
      });
    terms.push({ attribute, descending });
  }
  // The id is unique, so terms after it have no effect. Without it, records with equal values would have no fixed
  // order.
  const id = terms.findIndex(({ attribute }) => attribute === 'id');
  return id === -1 ? [...terms, { attribute: 'id', descending: false }] : terms.slice(0, id + 1);
}

function readPage(
  pages: ReadonlyMap<string, string>,
  sort: readonly SortTerm[],
  resource: Resource,
  cursorScope: () => string,
  cursorHmac: CursorHmac,
): Page {
  const size = Math.min(Number(wholeNumber(pages, 'size') ?? defaultPageSize), maxPageSize);
  const after = pages.get('after');
  if (after === undefined) {
    // Rounding is harmless: no collection has so many pages.
    const number = Math.min(Number(wholeNumber(pages, 'number') ?? 1), Number.MAX_SAFE_INTEGER);
    return { by: 'number', number, size };
  }

  if (pages.has('number')) throw new ApiError('keyset_conflict', { parameter: 'page[after]' });
  if (sort.some((term) => attributeOf(resource, term.attribute).nullable))
    throw new ApiError('keyset_unsupported_sort', { parameter: 'sort' });
  if (after === '') return { by: 'cursor', after: null, size };
  const sortKey = readCursor(after, cursorScope(), cursorHmac);
  if (sortKey === undefined) throw new ApiError('keyset_invalid_cursor', { parameter: 'page[after]' });
  return { by: 'cursor', after: sortKey, size };
}

/**
 * @returns its digits; undefined if the parameter is not given. Limited to 308 digits, so that JSON parsers read the
 * number as finite
 */
function wholeNumber(pages: ReadonlyMap<string, string>, name: string): string | undefined {
  const text = pages.get(name);
  if (text === undefined) return undefined;
  const digits = /^0*([1-9]\d{0,307})$/.exec(text)?.[1];
  if (digits === undefined)
    throw new ApiError('invalid_page', {
      detail: `page[${name}] must be a whole number of 1 or more`,
      parameter: `page[${name}]`,
    });
  return digits;
}
