// A route as data: what is done where, by whom and how often, and the function that does it. Paths, methods, CORS, the
// log, metrics and the description of the API are derived from it.

import type { DescribedRoute } from '../jsonapi/openapi.ts';
import type { Resource } from '../model/resource.ts';
import type { OpenOperation, OpenWriteOperation, Operation, WriteOperation } from './operation.ts';
import type { Creation } from './operations/create-once.ts';

export type Route = DescribedRoute & RouteLimits & (TokenRoute | OpenRoute);

export type Method = Route['method'];

/** How often a route may be called, counted by all processes that serve the database. */
export interface RouteLimit {
  /** An IPv6 address counts as its network of 64 bits. An account is known on routes with a token alone. */
  readonly by: 'account' | 'address';
  readonly requests: number;
  readonly windowSeconds: number;
}

interface RouteLimits {
  /** Beside the setting `rateLimit`, which counts all requests of a token. Each limit of each route counts by itself. */
  readonly limits?: readonly RouteLimit[];
}

/** The record that a path names: its version is looked up with the token. */
interface NamedRecord {
  readonly resource: Resource;
  /** The parameter that holds its id. */
  readonly parameter: string;
}

type TokenRoute = { readonly auth: 'token'; readonly target?: NamedRecord } & (
  | ReadRoute<Operation>
  | WriteRoute<WriteOperation>
  | CreatingRoute
);

/** Any token that is presented is ignored. Its limits are stated, even if there are none. */
type OpenRoute = { readonly auth: 'none'; readonly limits: readonly RouteLimit[] } & (
  | ReadRoute<OpenOperation>
  | WriteRoute<OpenWriteOperation>
);

type NotCreated = Exclude<DescribedRoute['answers'], 'created'>;

interface ReadRoute<O> {
  readonly method: 'GET';
  readonly body: 'none';
  readonly answers: NotCreated;
  readonly operation: O;
}

interface WriteRoute<O> {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly answers: NotCreated;
  readonly operation: O;
}

interface CreatingRoute {
  readonly method: 'POST';
  readonly body: 'document';
  readonly answers: 'created';
  readonly creation: Creation;
}
