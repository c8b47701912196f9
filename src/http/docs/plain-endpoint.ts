// Endpoints that serve no resource: GET without authentication, rate limit or content negotiation.

import type { PlainRoute } from '../../jsonapi/openapi.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Face } from '../face.ts';
import { jsonApiFace } from '../jsonapi/jsonapi-face.ts';

const face: Face = { ...jsonApiFace, negotiate() {} };

export function plainEndpoint(
  described: PlainRoute,
  answer: Endpoint['answer'],
  { hasOptions = false, admit = () => undefined }: Partial<Pick<Endpoint, 'hasOptions' | 'admit'>> = {},
): Endpoint {
  return {
    method: 'GET',
    path: described.path,
    face,
    hasOptions,
    described,
    admit,
    answer,
  };
}
