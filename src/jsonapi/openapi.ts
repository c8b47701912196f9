// Generates the OpenAPI 3.1 description of the API from the routes and the definitions of the resources.

import { errorKinds } from '../errors.ts';
import { pageNameOf } from '../model/report.ts';
import type { Resource } from '../model/resource.ts';
import { type DescribedRoute, reportIn } from './described-route.ts';
import { mediaType } from './media-type.ts';
import { headerParameters, pathParameters, queryParameters } from './openapi-parameters.ts';
import {
  answerSchema,
  errorExample,
  errorsSchema,
  type Json,
  recordExample,
  requestExample,
  requestSchema,
  resourceSchema,
} from './openapi-schemas.ts';
import type { ResourcesByType } from './read-selection.ts';

/** A GET that does not serve a resource. */
export interface PlainRoute {
  readonly name: string;
  readonly path: string;
  readonly description: string;
  readonly mediaType: string;
  readonly schema: Json;
  readonly security: 'none' | 'metrics';
  /** Statuses of its errors, in addition to those of every route. */
  readonly errors: readonly number[];
}

export interface ApiInformation {
  readonly version: string;
  /** Without a trailing slash. */
  readonly serverUrl: string;
}

const serviceTag = 'service';

/** The security schemes, one of which is enough. */
const anyToken = [{ header: [] }, { bearer: [] }, { query: [] }];

/** @param resources those that relationships refer to. They need no routes of their own */
export function openApi(
  routes: readonly DescribedRoute[],
  plainRoutes: readonly PlainRoute[],
  resources: readonly Resource[],
  { version, serverUrl }: ApiInformation,
): Json {
  const served = new Set(routes.map(({ resource }) => resource));
  const described = [...served.union(new Set(resources))];
  const types = [...new Set([...served].map(({ type }) => type))];
  const reports = new Set(routes.flatMap(({ answers }) => reportIn(answers) ?? []));
  const byType = new Map(
    described.filter((one) => !one.isComputed).map((resource) => [resource.type, resource]),
  );
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const parameters = pathParameters(route);
    paths[route.path] ??= parameters.length > 0 ? { parameters } : {};
    const path = paths[route.path]!;
    // A parameter of an operation overrides that of its path: the id of a record, or the token of its link.
    const isOfPath =
      parameters.length === 0 || JSON.stringify(parameters) === JSON.stringify(path.parameters);
    path[route.method.toLowerCase()] = operation(route, byType, isOfPath ? [] : parameters);
  }
  for (const route of plainRoutes) paths[route.path] = { get: plainOperation(route) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Muster',
      version,
      description: `A self-hosted user-account service that speaks JSON:API. Send a token in the header X-Auth-Token, in Authorization as a bearer token, or in the query parameter \`token\`.`,
      contact: { name: 'The Muster project' },
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: serverUrl, description: 'This service.' }],
    tags: [
      ...types.map((type) => ({ name: type, description: `Operations on ${type}.` })),
      { name: serviceTag, description: 'The service itself.' },
    ],
    paths,
    components: {
      schemas: {
        ...Object.fromEntries(
          [...described, ...reports].map((resource) => [pageNameOf(resource), resourceSchema(resource)]),
        ),
        errors: errorsSchema(),
      },
      responses: errorResponses(),
      headers: responseHeaders,
      securitySchemes: {
        header: { type: 'apiKey', in: 'header', name: 'X-Auth-Token', description: 'A token.' },
        bearer: { type: 'http', scheme: 'bearer', description: 'A token.' },
        query: {
          type: 'apiKey',
          in: 'query',
          name: 'token',
          description: 'A token. URLs are often logged, so prefer a header.',
        },
        ...(plainRoutes.some(({ security }) => security === 'metrics') && {
          metrics: {
            type: 'http',
            scheme: 'bearer',
            description: 'The value of the setting MUSTER_METRICS_TOKEN.',
          },
        }),
      },
    },
    security: anyToken,
  };
}

function operation(route: DescribedRoute, resources: ResourcesByType, pathParameters: readonly Json[]): Json {
  const { method, answers, resource, auth } = route;
  const hasBody = route.body === 'document';
  const isOpen = auth === 'none';
  return {
    operationId: route.name,
    summary: route.description,
    description: `Access: ${route.policy}`,
    tags: [resource.type],
    ...(isOpen && { security: [] }),
    ...(auth === 'optional' && { security: [{}, ...anyToken] }),
    parameters: [...pathParameters, ...queryParameters(route, resources), ...headerParameters(route)],
    ...(hasBody && {
      requestBody: {
        required: true,
        content: content(mediaType, requestSchema(route), requestExample(route)),
      },
    }),
    responses: {
      ...success(route, resources),
      ...(method === 'GET' && {
        304: {
          description: 'Not modified: the client has the current version (If-None-Match).',
          headers: { ETag: header('ETag'), 'X-Request-Id': header('X-Request-Id') },
        },
      }),
      ...references([
        ...[400, 406, 408, 412, 414, 415, 429, 431, 500, 503],
        ...(isOpen && answers !== 'created' ? [] : [401]),
        ...(isOpen && method !== 'POST' ? [] : [403]),
        ...(route.parameters !== undefined || answers === 'created' || answers === 'record' ? [404] : []),
        ...(method === 'GET' ? [] : [409]),
        ...(hasBody ? [413, 422] : []),
      ]),
    },
  };
}

/** The successful response, by its status. */
function success(route: DescribedRoute, resources: ResourcesByType): Json {
  const { answers } = route;
  const headers = {
    ...(answers !== 'nothing' && { ETag: header('ETag') }),
    ...(answers === 'created' && { Location: header('Location') }),
    'X-Request-Id': header('X-Request-Id'),
  };
  if (answers === 'nothing') return { 204: { description: 'Success, without a body.', headers } };
  const body =
    typeof answers === 'object' && 'mediaType' in answers
      ? content(answers.mediaType, { type: 'string' })
      : content(mediaType, answerSchema(route, resources), recordExample(route));
  return { [answers === 'created' ? 201 : 200]: { description: 'Success.', headers, content: body } };
}

function plainOperation({ name, description, mediaType, schema, security, errors }: PlainRoute): Json {
  return {
    operationId: name,
    summary: description,
    description: security === 'none' ? 'No token is needed.' : 'Only available if the setting is set.',
    tags: [serviceTag],
    security: security === 'none' ? [] : [{ [security]: [] }],
    responses: {
      200: {
        description: 'Success.',
        headers: { 'X-Request-Id': header('X-Request-Id') },
        content: content(mediaType, schema),
      },
      ...references([400, 408, 414, 431, 500, ...errors]),
    },
  };
}

function content(type: string, schema: Json, example?: unknown): Json {
  return { [type]: { schema, ...(example !== undefined && { example }) } };
}

const responseHeaders = {
  ETag: {
    description: 'Strong ETag of this version, for If-Match and If-None-Match.',
    schema: { type: 'string' },
  },
  Location: { description: 'URL of the new record.', schema: { type: 'string', format: 'uri' } },
  'X-Request-Id': {
    description: 'Id of the request, from its header or generated. It also appears in the log.',
    schema: { type: 'string' },
  },
  'Retry-After': {
    description: 'Seconds to wait before a retry.',
    schema: { type: 'integer', minimum: 0 },
  },
  'X-RateLimit-Reset': {
    description: 'Seconds until the rate limit window ends.',
    schema: { type: 'integer', minimum: 0 },
  },
  'WWW-Authenticate': { description: 'The authentication scheme.', schema: { type: 'string' } },
  'Accept-Encoding': {
    description: 'Content codings that are supported for a request body.',
    schema: { type: 'string' },
  },
};

type HeaderName = keyof typeof responseHeaders;

const header = (name: HeaderName): Json => ({ $ref: `#/components/headers/${name}` });

/** Headers of error responses, in addition to X-Request-Id. */
const errorHeaders: Readonly<Record<number, readonly HeaderName[]>> = {
  401: ['WWW-Authenticate'],
  409: ['Retry-After'],
  415: ['Accept-Encoding'],
  429: ['Retry-After', 'X-RateLimit-Reset'],
  503: ['Retry-After'],
};

/** Statuses that operations can answer. 405, 417 and 501 do not belong to an operation. */
const describedStatuses = [400, 401, 403, 404, 406, 408, 409, 412, 413, 414, 415, 422, 429, 431, 500, 503];

function references(of: readonly number[]): Json {
  return Object.fromEntries(
    [...of].sort((a, b) => a - b).map((status) => [status, { $ref: `#/components/responses/${status}` }]),
  );
}

function errorResponses(): Json {
  return Object.fromEntries(
    describedStatuses.map((status) => {
      const kinds = Object.entries(errorKinds).filter(([, kind]) => kind.status === status);
      const names: HeaderName[] = [...(errorHeaders[status] ?? []), 'X-Request-Id'];
      return [
        status,
        {
          description: `${[...new Set(kinds.map(([, { title }]) => title))].join(', ')}. Codes: ${kinds.map(([code]) => `\`${code}\``).join(', ')}.`,
          headers: Object.fromEntries(names.map((name) => [name, header(name)])),
          content: content(mediaType, { $ref: '#/components/schemas/errors' }, errorExample(kinds[0]!)),
        },
      ];
    }),
  );
}
