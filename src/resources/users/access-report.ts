// The report that answers why somebody cannot sign in.

import { arrayOf } from '../../model/kinds/json.ts';
import * as kind from '../../model/kinds.ts';
import { defineReport } from '../../model/report.ts';

/** What can keep somebody from signing in, or from finding something there. */
export const reasonCodes = ['no_password', 'expired', 'throttled', 'no_membership'] as const;

export type ReasonCode = (typeof reasonCodes)[number];

const time = { type: ['string', 'null'], format: 'date-time' };

const properties = {
  code: { type: 'string', enum: reasonCodes },
  blocks: { type: 'boolean', description: 'Whether sign-ins are refused because of it.' },
  detail: { type: 'string', description: 'What it means, in words.' },
  since: { ...time, description: 'Since when; null if that is not known.' },
  until: { ...time, description: 'When it ends by itself; null if it does not.' },
  way_out: {
    type: 'object',
    description: 'What ends it. A value in angle brackets is for the caller to choose.',
    required: ['request', 'command'],
    properties: {
      request: {
        type: ['object', 'null'],
        description: 'A request to this API; null if only the command line can.',
        required: ['method', 'path', 'body'],
        properties: {
          method: { type: 'string' },
          path: { type: 'string' },
          body: { type: ['object', 'null'], description: 'The document to send; null for none.' },
        },
        additionalProperties: false,
      },
      command: { type: 'string', description: 'A command on the machine of the service.' },
    },
    additionalProperties: false,
  },
};

export const accessReport = defineReport({
  type: 'access',
  attributes: {
    can_sign_in: {
      kind: kind.boolean,
      example: false,
      description: 'Whether the user can sign in: no reason blocks it.',
    },
    reasons: {
      kind: arrayOf({
        type: 'object',
        required: Object.keys(properties),
        properties,
        additionalProperties: false,
      }),
      example: [
        {
          code: 'no_password',
          blocks: true,
          detail: 'The account has no password.',
          since: null,
          until: null,
          way_out: {
            request: {
              method: 'POST',
              path: '/api/v2/passwords',
              body: { data: { type: 'passwords', attributes: { email: 'ann@example.com' } } },
            },
            command: 'muster users send-reset 1',
          },
        },
      ],
      description: 'What keeps the user from signing in, and how to end it.',
    },
  },
});
