// A face is one protocol for the same operations, with its own media type and error format.

import type { FastifyRequest } from 'fastify';
import type { ErrorObject } from '../errors.ts';

export interface Face {
  /** Content-Type of errors, and of replies that name no media type. */
  readonly contentType: string;
  writeErrors(errors: readonly ErrorObject[]): string;
  /**
   * Content negotiation, before the body is read.
   * @throws ApiError not_acceptable, unsupported_media_type
   */
  negotiate(request: FastifyRequest): void;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Undefined if no route matches; then it is JSON:API. */
    face?: Face;
  }
}
