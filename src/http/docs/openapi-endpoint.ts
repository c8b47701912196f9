// GET /api/v2/openapi.json: the API description. Needs no token.

import { hash } from 'node:crypto';
import { openApi, type PlainRoute } from '../../jsonapi/openapi.ts';
import type { Resource } from '../../model/resource.ts';
import { version } from '../../platform/version.ts';
import type { Route } from '../../resources/route.ts';
import type { BaseUrl } from '../base-url.ts';
import type { Endpoint } from '../endpoint.ts';
import { ifNoneMatch } from '../jsonapi/entity-tags.ts';
import { plainEndpoint } from './plain-endpoint.ts';
import { plainRoutes } from './plain-routes.ts';

/** @param plain returns the routes that serve no resource; called at the first request */
export function openApiEndpoint(
  routes: readonly Route[],
  resources: readonly Resource[],
  plain: () => readonly PlainRoute[],
  baseUrl: BaseUrl,
): Endpoint {
  const mediaType = `${plainRoutes.description.mediaType}; charset=utf-8`;
  let known: { serverUrl: string; body: string; etag: string } | undefined;
  const answer: Endpoint['answer'] = (request) => {
    const serverUrl = baseUrl(request.raw);
    if (known?.serverUrl !== serverUrl) {
      const body = JSON.stringify(openApi(routes, plain(), resources, { version, serverUrl }));
      known = { serverUrl, body, etag: `"${hash('sha256', body, 'base64url')}"` };
    }
    const { body, etag } = known;
    if (ifNoneMatch(request.headers['if-none-match'], etag)) return { status: 304, body: null, etag };
    return { status: 200, body, etag, mediaType };
  };
  // Browsers send OPTIONS first (a preflight) if a page sends a token.
  return plainEndpoint(plainRoutes.description, answer, { hasOptions: true });
}
