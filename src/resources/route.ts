// A route as data: path, method, who may call it and how often, and the function that handles it. The server derives
// HEAD, OPTIONS, CORS, log masks, metric labels and the API description from it.

import type { DescribedRoute } from '../jsonapi/described-route.ts';
import type { Resource } from '../model/resource.ts';
import type {
  OpenOperation,
  OpenWriteOperation,
  Operation,
  OptionalWriteOperation,
  WriteOperation,
} from './operation.ts';
import type { Creation } from './operations/create-once.ts';

export type Route = DescribedRoute & RouteLimits & (TokenRoute | OpenRoute | OptionalRoute);

export type Method = Route['method'];

/** How often a route may be called. All processes on one database count together. */
export interface RouteLimit {
  /** `address`: IPv6 counts by its /64. `account`: only on routes with a token. */
  readonly by: 'account' | 'address';
  readonly requests: number;
  readonly windowSeconds: number;
}

interface RouteLimits {
  /** In addition to the setting `rateLimit`, which counts all requests of a token. Each limit has its own counter. */
  readonly limits?: readonly RouteLimit[];
}

/** The record that a path names. Its version is looked up in the statement that authenticates the token. */
export interface NamedRecord {
  readonly resource: Resource;
  /** The path parameter that holds its id. */
  readonly parameter: string;
}

type TokenRoute = {
  readonly auth: 'token';
  /** `caller`: the account of the caller, on routes of users. `session`: that of the token, on routes of sessions. */
  readonly target?: NamedRecord | 'caller' | 'session';
  /** Tokens that may only read may call it, although its method is not GET. */
  readonly allowsReadOnlyTokens?: true;
  /** The write also changes the caller's account: its row is locked for update from the start. */
  readonly changesCaller?: true;
} & (ReadRoute<Operation> | WriteRoute<WriteOperation> | CreatingRoute);

/** Ignores every token that a client sends. `limits` must be declared, even if empty. */
type OpenRoute = { readonly auth: 'none'; readonly limits: readonly RouteLimit[] } & (
  | ReadRoute<OpenOperation>
  | WriteRoute<OpenWriteOperation>
  | CreatingOpenRoute
);

/** Called without a token, or with a valid one: the operation gets the account or null. `limits` must be declared. */
type OptionalRoute = {
  readonly auth: 'optional';
  readonly limits: readonly RouteLimit[];
  readonly changesCaller?: true;
} & WriteRoute<OptionalWriteOperation>;

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

/** Without a token there is no account to which an Idempotency-Key could belong: the header is ignored. */
interface CreatingOpenRoute {
  readonly method: 'POST';
  readonly body: 'document';
  readonly answers: 'created';
  readonly operation: OpenWriteOperation;
}
