// The lists of the catalog: those of a type, and those of the records that refer to one record.

import type { Route } from '../../../src/resources/route.ts';
import {
  type Asker,
  type Expectation,
  isAmong,
  type ListExpectation,
  type RouteExpectation,
  type Subject,
} from './expectation.ts';
import { expectations } from './expectations.ts';
import { pathOf, routesThat } from './routes.ts';
import type { Matrix } from './start-matrix.ts';

export interface List {
  readonly route: Route;
  readonly of: Expectation;
  readonly path: string;
  readonly expected: ListExpectation;
  /** The record in the path. */
  readonly parent: { readonly of: Expectation; readonly subject: Subject } | null;
}

export const isList = (expected: RouteExpectation): expected is RouteExpectation & ListExpectation =>
  expected.does === 'list';

export function listsIn(matrix: Matrix): List[] {
  return routesThat('list').flatMap(({ route, expected, of }): List[] => {
    if (!isList(expected)) return [];
    if (expected.under === undefined) return [{ route, of, expected, path: pathOf(route), parent: null }];
    const ofParent = expectations.get(expected.under.type)!;
    return ofParent.subjects.map((subject) => ({
      route,
      of,
      expected,
      path: pathOf(route, matrix.idOf(ofParent, subject)),
      parent: { of: ofParent, subject },
    }));
  });
}

/** The status by which the list is refused; null if it is shown. */
export function refusalOf(asker: Asker, { expected, parent }: List): 403 | 404 | null {
  if (parent === null) return null;
  if (!parent.of.sees(asker, parent.subject)) return 404;
  return isAmong(expected.under!.may, parent.of.is(asker, parent.subject)) ? null : 403;
}

/** What the caller finds in the list. */
export function listed(asker: Asker, { of, expected, parent }: List): Subject[] {
  return of.subjects.filter(
    (subject) =>
      of.sees(asker, subject) &&
      (expected.contains?.(asker, subject) ?? true) &&
      (parent === null || expected.under!.of(subject) === parent.subject.name),
  );
}

/** For example `listUsers`, or `listReviewsOfGadget lamp`. */
export function nameOfList({ route, parent }: List): string {
  return parent === null ? route.name : `${route.name} ${parent.subject.name}`;
}
