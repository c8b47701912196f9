// CORS for the origins in the settings, with the methods that the endpoints have.

import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import type { Endpoint, WithoutEndpoint } from './endpoint.ts';

export function allowOrigins(
  app: FastifyInstance,
  origins: readonly string[],
  endpoints: readonly Endpoint[],
  answerWithoutEndpoint: WithoutEndpoint['answer'],
): void {
  // The plugin adds a route that answers OPTIONS on every path. Unknown paths must still be 404.
  app.addHook('onRoute', (route) => {
    if (route.method === 'OPTIONS' && route.url === '*') route.handler = answerWithoutEndpoint;
  });
  const served = new Set<string>(endpoints.map(({ method }) => method));
  app.register(cors, {
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].filter(
      (method) => served.has(method) || method === 'HEAD',
    ),
    allowedHeaders: [
      'Accept',
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'If-Match',
      'If-None-Match',
      'X-Auth-Token',
      'X-Organization-Id',
      'X-Request-Id',
    ],
    exposedHeaders: ['ETag', 'Location', 'Retry-After', 'X-RateLimit-Reset', 'X-Request-Id'],
    maxAge: 600,
    strictPreflight: false,
    // The plugin adds the CORS headers, and our own OPTIONS routes send the response.
    preflightContinue: true,
  });
}
