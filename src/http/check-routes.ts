// Checks routes when the server starts, for mistakes that the types cannot prevent.

import { namesInPath, type PathParameters, parameterKinds } from '../jsonapi/path-parameters.ts';
import { readId } from '../model/id.ts';
import type { Route } from '../resources/route.ts';

/** @throws Error that names the route and what is wrong with it */
export function checkRoutes(routes: readonly Route[]): void {
  const known = new Set<string>();
  for (const route of routes) {
    // For the router, two paths are equal if they differ only in parameter names.
    const address = `${route.method} ${withoutNames(route.path)}`;
    const hidden = routes.find((other) => hides(route, other));
    const problem = known.has(address)
      ? 'is declared twice'
      : hidden !== undefined
        ? `hides the route ${hidden.method} ${hidden.path}: its own text could be a parameter there`
        : problemOf(route);
    if (problem !== undefined) throw new Error(`The route ${route.method} ${route.path} ${problem}`);
    known.add(address);
  }
}

function withoutNames(path: string): string {
  return path.replaceAll(/\{\w+\}/g, '{}');
}

function problemOf(route: Route): string | undefined {
  const { auth, policy, path, parameters = {}, limits } = route;
  if (!policy) return 'has no policy';
  const needsToken = auth === 'token';
  if (!needsToken && auth !== 'none' && auth !== 'optional') return `has an unknown auth, ${auth}`;
  const names = namesInPath(path);
  if (new Set(names).size < names.length) return 'names a parameter twice';
  if (names.toSorted().join() !== Object.keys(parameters).sort().join())
    return 'does not declare exactly the parameters of its path';
  const unknown = Object.values(parameters).find((kind) => !Object.hasOwn(parameterKinds, kind));
  if (unknown !== undefined) return `has a parameter of an unknown kind, ${unknown}`;
  if (needsToken && typeof route.target === 'object' && parameters[route.target.parameter] !== 'id')
    return 'has a target that is not an id parameter of its path';
  if (!needsToken && limits === undefined) return 'needs no token but declares no limits';
  if (!needsToken && limits?.some(({ by }) => by === 'account'))
    return 'limits by account but needs no token';
  if (limits?.some(({ requests, windowSeconds }) => !(requests >= 1 && isWindow(windowSeconds))))
    return `has an invalid limit; it must be at least 1 request, in 1 to ${maxWindowSeconds} seconds`;
  return undefined;
}

/**
 * Whether a path has a fixed text where the other has a parameter that could have this value. The router prefers the
 * fixed text, so that the record with this id or token could not be reached. `/users/me` hides nothing, because `me`
 * is not an id.
 */
function hides({ path }: Route, { path: other, parameters = {} }: Route): boolean {
  const [own, pattern] = [withoutNames(path), other.split('/')];
  if (own === withoutNames(other)) return false;
  const parts = own.split('/');
  return parts.length === pattern.length && parts.every((part, i) => mayBe(part, pattern[i]!, parameters));
}

function mayBe(part: string, pattern: string, parameters: PathParameters): boolean {
  const [, before = '', name, after = ''] = /^(.*)\{(\w+)\}(.*)$/.exec(pattern) ?? [];
  if (name === undefined) return part === pattern;
  const value = part.slice(before.length, part.length - after.length);
  if (before + value + after !== part) return false;
  return parameters[name] !== 'id' || value === '{}' || readId(value) !== null;
}

const maxWindowSeconds = 86_400;

function isWindow(seconds: number): boolean {
  return Number.isInteger(seconds) && seconds >= 1 && seconds <= maxWindowSeconds;
}
