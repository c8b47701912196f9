// The routes of the catalog with what is expected of them.

import { catalog } from '../../../src/resources/catalog.ts';
import type { Route } from '../../../src/resources/route.ts';
import type { Expectation, RouteExpectation } from './expectation.ts';
import { expectations, routeExpectations } from './expectations.ts';

export interface ExpectedRoute {
  readonly route: Route;
  readonly expected: RouteExpectation;
  readonly of: Expectation;
}

export function routesThat(...does: readonly RouteExpectation['does'][]): ExpectedRoute[] {
  return catalog.flatMap((route) => {
    const expected = routeExpectations[route.name]!;
    return does.includes(expected.does) ? [{ route, expected, of: expectations.get(expected.of)! }] : [];
  });
}

export function pathOf({ path }: Pick<Route, 'path'>, id: number | null = null): string {
  return path.replace('{id}', String(id));
}
