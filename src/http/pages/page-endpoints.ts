// GET /account/reset and the other pages that links in mails open, with their scripts, style and images. They need no token and
// set no cookie. What they do, they do by the API.

import { hash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { type PageName, pageNames, pagesPath } from '../../model/link.ts';
import type { Reply } from '../../resources/operation.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Face } from '../face.ts';
import { ifNoneMatch } from '../jsonapi/entity-tags.ts';
import { pageAssets } from './assets.ts';
import { pageLocale } from './page-locale.ts';
import { type PageSettings, renderPage } from './render-page.ts';

/** Errors are one line of text: a page that answers 405 or 503 has no script that could explain it. */
const pageFace: Face = {
  contentType: 'text/plain; charset=utf-8',
  writeErrors: (errors) => `${errors.map(({ detail }) => detail).join('\n')}\n`,
  // A browser that asks for a page or an image gets it, whatever its Accept says.
  negotiate() {},
};

/** Everything comes from this server, and nothing is inline. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Of a logo: an SVG that is opened by itself must not run scripts. */
const imagePolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

export function pageEndpoints(settings: PageSettings): Endpoint[] {
  return [
    ...pageNames.map((name) => pageEndpoint(name, settings)),
    ...pageAssets(settings.brand).map(({ name, mediaType, body }) => {
      const policy = mediaType.startsWith('image/') ? imagePolicy : contentSecurityPolicy;
      const reply = staticReply(mediaType, body, policy);
      return endpoint(name, () => reply);
    }),
  ];
}

function pageEndpoint(name: PageName, settings: PageSettings): Endpoint {
  const rendered = new Map<string, StaticReply>();
  return endpoint(name, ({ url, headers }) => {
    const [path = '', query = ''] = url.split('?', 2);
    const locale = pageLocale(query, headers['accept-language']);
    const root = path.endsWith('/') ? '../' : './';
    const key = locale + root;
    const known = rendered.get(key);
    if (known !== undefined) return known;
    const page = renderPage(name, locale, root, settings);
    const reply = staticReply('text/html; charset=utf-8', page, contentSecurityPolicy);
    rendered.set(key, reply);
    return reply;
  });
}

interface StaticReply extends Reply {
  readonly etag: string;
}

function staticReply(mediaType: string, body: string | Uint8Array, policy: string): StaticReply {
  return {
    status: 200,
    body,
    mediaType,
    etag: `"${hash('sha256', body, 'base64url')}"`,
    headers: {
      // Checked with each use, so that a page never runs with the script of another version.
      'cache-control': 'no-cache',
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
      vary: 'Accept-Language, Origin',
    },
  };
}

function endpoint(name: string, replyTo: (request: FastifyRequest) => StaticReply): Endpoint {
  return {
    method: 'GET',
    path: `${pagesPath}/${name}`,
    face: pageFace,
    hasOptions: true,
    admit: () => undefined,
    answer(request) {
      const reply = replyTo(request);
      const isKnown = ifNoneMatch(request.headers['if-none-match'], reply.etag);
      return isKnown ? { ...reply, status: 304, body: null } : reply;
    },
  };
}
