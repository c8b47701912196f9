// The routes that serve no resource, as data for the endpoints and for the API description.

import { mediaType } from '../../jsonapi/media-type.ts';
import type { PlainRoute } from '../../jsonapi/openapi.ts';

const metaSchema = (status: string) => ({
  type: 'object',
  required: ['meta'],
  properties: {
    meta: {
      type: 'object',
      required: ['status'],
      properties: { status: { type: 'string', const: status } },
    },
  },
});

export const plainRoutes = {
  description: {
    name: 'describeApi',
    path: '/api/v2/openapi.json',
    description: 'This API description.',
    mediaType: 'application/json',
    schema: { type: 'object' },
    security: 'none',
    errors: [],
  },
  live: {
    name: 'showLiveness',
    path: '/health/live',
    description: 'Answers 200 while the process runs.',
    mediaType,
    schema: metaSchema('live'),
    security: 'none',
    errors: [],
  },
  ready: {
    name: 'showReadiness',
    path: '/health/ready',
    description: 'Answers 200 if the database answers, too; 503 if it does not, or while the service stops.',
    mediaType,
    schema: metaSchema('ready'),
    security: 'none',
    errors: [503],
  },
  metrics: {
    name: 'showMetrics',
    path: '/metrics',
    description: 'Metrics in the format of Prometheus.',
    mediaType: 'text/plain',
    schema: { type: 'string' },
    security: 'metrics',
    errors: [401, 404],
  },
} as const satisfies Record<string, PlainRoute>;
