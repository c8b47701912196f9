// The routes that serve no resource, as the description of the API and the answers to other methods know them.

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
    description: 'This description.',
    mediaType: 'application/json',
    schema: { type: 'object' },
    security: 'none',
    errors: [],
  },
  live: {
    name: 'showLiveness',
    path: '/health/live',
    description: 'Whether the process answers.',
    mediaType,
    schema: metaSchema('live'),
    security: 'none',
    errors: [],
  },
  ready: {
    name: 'showReadiness',
    path: '/health/ready',
    description: 'Whether the database answers too, and the service does not stop.',
    mediaType,
    schema: metaSchema('ready'),
    security: 'none',
    errors: [503],
  },
  metrics: {
    name: 'showMetrics',
    path: '/metrics',
    description: 'Metrics for Prometheus.',
    mediaType: 'text/plain',
    schema: { type: 'string' },
    security: 'metrics',
    errors: [401, 404],
  },
} as const satisfies Record<string, PlainRoute>;
