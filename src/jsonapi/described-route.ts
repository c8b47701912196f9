// What the description of the API knows about a route of a resource.

import type { Report } from '../model/report.ts';
import type { Resource } from '../model/resource.ts';
import type { Json } from './openapi-schemas.ts';
import type { PathParameters } from './path-parameters.ts';

/** An attribute of a request body that is not an attribute of the resource, for example a password. */
export interface Input {
  readonly name: string;
  readonly description: string;
  readonly schema: Json;
  readonly required?: true;
}

/** A member of `meta`. */
export interface DescribedMeta {
  /** With a description and an example. */
  readonly schema: Json;
}

export interface DescribedRoute {
  /** The operationId: the name of the operation in generated clients. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** Whose documents the request, if it has one, and the response contain; also a report. */
  readonly resource: Resource;
  readonly policy: string;
  readonly description: string;
  /** `optional`: without a token or with a valid one. */
  readonly auth: 'token' | 'none' | 'optional';
  /** Parameters in the path, which has their names in braces. */
  readonly parameters?: PathParameters;
  /** With `none`, a body is read and ignored. */
  readonly body: 'document' | 'none';
  /**
   * What the response contains: documents of the resource, a report about one of its records, or something else with
   * its own media type.
   */
  readonly answers:
    | 'collection'
    | 'record'
    | 'created'
    | 'nothing'
    | { readonly report: Report }
    | { readonly mediaType: string };
  /** Members of `meta`: of a collection, in addition to those about pages; of a record, if there is something to say. */
  readonly meta?: Readonly<Record<string, DescribedMeta>>;
  /** Attributes that the body may have in addition to those of the resource (`extra`), or instead of them. */
  readonly input?: { readonly extra: readonly Input[] } | { readonly instead: readonly Input[] };
}

/** The report that a route answers with; undefined if it answers with something else. */
export function reportIn(answers: DescribedRoute['answers']): Report | undefined {
  return typeof answers === 'object' && 'report' in answers ? answers.report : undefined;
}

/** Whose documents the response contains. */
export function documentsOf({ resource, answers }: DescribedRoute): Resource {
  return reportIn(answers) ?? resource;
}
