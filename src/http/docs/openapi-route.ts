// GET /api/v2/openapi.json: the description of the API, for whoever asks.

import { hash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { openApi } from '../../jsonapi/openapi.ts';
import { version } from '../../platform/version.ts';
import type { Route } from '../../resources/catalog.ts';
import type { BaseUrl } from '../base-url.ts';
import { ifNoneMatch } from '../jsonapi/entity-tags.ts';
import { respond } from '../respond.ts';
import { plainRoutes } from './plain-routes.ts';

export function openApiRoute(app: FastifyInstance, catalog: readonly Route[], baseUrl: BaseUrl): void {
  const { path, mediaType } = plainRoutes.description;
  let known: { serverUrl: string; body: string; etag: string } | undefined;
  app.get(path, async (request, reply) => {
    const serverUrl = baseUrl(request.raw);
    if (known?.serverUrl !== serverUrl) {
      // Metrics are there only where the setting asks for them.
      const served = Object.values(plainRoutes).filter((route) =>
        app.hasRoute({ method: 'GET', url: route.path }),
      );
      const description = openApi(catalog, served, { version, serverUrl });
      const body = JSON.stringify(description);
      known = { serverUrl, body, etag: `"${hash('sha256', body, 'base64url')}"` };
    }
    const { body, etag } = known;
    if (ifNoneMatch(request.headers['if-none-match'], etag))
      return respond(reply, { status: 304, body: null, etag });
    return respond(reply, { status: 200, body, etag, mediaType });
  });
  // Browsers ask in advance where a page sends a token, as to every other address.
  app.options(path, async (_request, reply) => {
    reply.header('allow', 'HEAD, GET, OPTIONS');
    return respond(reply, { status: 204, body: null });
  });
}
