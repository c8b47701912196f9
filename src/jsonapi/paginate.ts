// Pagination links and meta, in the order of the documented responses. Links are absolute URLs with percent-encoded
// brackets.

import { writeParameters } from './parameters.ts';
import { type CollectionQuery, maxPageSize } from './read-query.ts';

interface Pagination {
  readonly links: Record<string, string>;
  readonly meta: Record<string, unknown>;
}

export function paginateByNumber(url: string, query: CollectionQuery, totalCount: number): Pagination {
  const { page } = query;
  const current = page.by === 'number' ? page.number : 1;
  const totalPages = Math.ceil(totalCount / page.size);
  const start = `${url}?${writeParameters([...query.linkParameters, ['page[number]', '']])}`;
  const end = `&${writeParameters([['page[size]', String(page.size)]])}`;
  const link = (number: number) => start + number + end;
  const links: Record<string, string> = { first: link(1), last: link(Math.max(totalPages, 1)) };
  if (current > 1 && current - 1 <= totalPages) links.prev = link(current - 1);
  if (current < totalPages) links.next = link(current + 1);
  return {
    links,
    meta: {
      current_page: JSON.rawJSON(query.currentPage),
      total_pages: totalPages,
      total_count: totalCount,
      page_size: page.size,
      max_page_size: maxPageSize,
    },
  };
}

/** @param next the cursor of the last record on the page; null if there is no next page */
export function paginateByCursor(url: string, query: CollectionQuery, next: string | null): Pagination {
  const { size } = query.page;
  const link = (cursor: string) =>
    `${url}?${writeParameters([...query.linkParameters, ['page[after]', cursor], ['page[size]', String(size)]])}`;
  return {
    links: { first: link(''), ...(next !== null && { next: link(next) }) },
    meta: { page_size: size, max_page_size: maxPageSize },
  };
}
