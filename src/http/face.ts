// A face: one way to speak to clients, with its media type and its form of errors, over the same operations.

import type { FastifyRequest } from 'fastify';
import type { ErrorObject } from '../errors.ts';

export interface Face {
  /** Content-Type of its answers where a reply names none, and of its errors. */
  readonly contentType: string;
  writeErrors(errors: readonly ErrorObject[]): string;
  /**
   * Whether the client takes what is answered, and sends what is read; before the body arrives.
   * @throws ApiError not_acceptable, unsupported_media_type
   */
  negotiate(request: FastifyRequest): void;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of the route; where there is no route, JSON:API. */
    face?: Face;
  }
}
