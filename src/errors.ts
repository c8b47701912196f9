// Every error that a client can see: code, status, title and default detail. A code has its status only in this table.

interface ErrorKind {
  readonly status: number;
  readonly title: string;
  /** Used if the error is thrown without a detail. */
  readonly detail: string;
  /** Of every response with this error, unless it is thrown with others. */
  readonly headers?: Readonly<Record<string, string>>;
}

export const errorKinds = {
  malformed_document: {
    status: 400,
    title: 'Malformed Document',
    detail: 'The body is not a JSON:API document',
  },
  malformed_request: { status: 400, title: 'Malformed Request', detail: 'The request is not valid HTTP' },
  unsupported_filter: { status: 400, title: 'Unsupported Filter', detail: 'The filter is not supported' },
  unsupported_filter_value: {
    status: 400,
    title: 'Unsupported Filter Value',
    detail: 'The filter value is not supported',
  },
  unsupported_sort: { status: 400, title: 'Unsupported Sort', detail: 'The sort is not supported' },
  unsupported_include: {
    status: 400,
    title: 'Unsupported Include',
    detail: 'The include is not supported',
  },
  unsupported_parameter: {
    status: 400,
    title: 'Unsupported Parameter',
    detail: 'The parameter is not supported',
  },
  invalid_page: {
    status: 400,
    title: 'Invalid Page',
    detail: 'page[number] and page[size] must be whole numbers of 1 or more',
  },
  keyset_conflict: {
    status: 400,
    title: 'Invalid Page',
    detail: 'page[after] and page[number] cannot be used together',
  },
  keyset_unsupported_sort: {
    status: 400,
    title: 'Invalid Page',
    detail: 'page[after] can only be used with a sort by attributes that are never null',
  },
  keyset_invalid_cursor: {
    status: 400,
    title: 'Invalid Page',
    detail: 'page[after] is not a valid cursor for this sort and filter',
  },
  invalid_auth_token: { status: 401, title: 'Unauthenticated', detail: 'You are not authenticated' },
  invalid_credentials: {
    status: 401,
    title: 'Unauthenticated',
    detail: 'The email or password is not valid',
  },
  access_denied: {
    status: 403,
    title: 'Access Denied',
    detail: 'You are not authorized to access this resource',
  },
  read_only_token: {
    status: 403,
    title: 'Access Denied',
    detail: 'This token may only read',
  },
  reauthentication_required: {
    status: 403,
    title: 'Access Denied',
    detail: 'The password is needed again',
  },
  second_factor_required: {
    status: 403,
    title: 'Access Denied',
    detail: 'The sign-in waits for a second factor',
  },
  record_not_found: {
    status: 404,
    title: 'Record Not Found',
    detail: 'The requested record was not found',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method Not Allowed',
    detail: 'The method is not allowed on this resource',
  },
  not_acceptable: { status: 406, title: 'Not Acceptable', detail: 'The request was not accepted' },
  request_timeout: { status: 408, title: 'Request Timeout', detail: 'The request took too long to arrive' },
  resource_conflict: {
    status: 409,
    title: 'Resource Conflict',
    detail: 'The resource in the body does not match the URL',
  },
  invitation_for_another_account: {
    status: 409,
    title: 'Resource Conflict',
    detail: 'The invitation is for another account than the one that you are signed in as',
  },
  precondition_failed: {
    status: 412,
    title: 'Precondition Failed',
    detail: 'The record does not match If-Match or If-None-Match; read it again',
  },
  payload_too_large: { status: 413, title: 'Payload Too Large', detail: 'The body is too large' },
  uri_too_long: { status: 414, title: 'URI Too Long', detail: 'The URL is too long' },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported Media Type',
    detail: 'Unsupported content type',
  },
  expectation_failed: { status: 417, title: 'Expectation Failed', detail: 'The expectation cannot be met' },
  invalid_attribute: { status: 422, title: 'Invalid Attribute', detail: 'is not valid' },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency Key Reused',
    detail: 'The Idempotency-Key has already been used with another body',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    detail: 'Too many requests, try again later',
  },
  headers_too_large: {
    status: 431,
    title: 'Request Header Fields Too Large',
    detail: 'The header fields are too large',
  },
  server_error: { status: 500, title: 'Server Error', detail: 'An error occurred on the server' },
  not_implemented: { status: 501, title: 'Not Implemented', detail: 'The method is not implemented' },
  service_unavailable: {
    status: 503,
    title: 'Service Unavailable',
    detail: 'The service is temporarily unavailable, try again',
    headers: { 'Retry-After': '1' },
  },
  http_version_not_supported: {
    status: 505,
    title: 'HTTP Version Not Supported',
    detail: 'The HTTP version is not supported, use HTTP/1.1',
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

export interface ErrorObject {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly meta: Readonly<Record<string, unknown>>;
  /** A `pointer` into the request body, without a leading slash, or the name of a query `parameter`. */
  readonly source: { readonly pointer?: string; readonly parameter?: string };
  /** Set on the object that summarizes further errors: how many they are. */
  readonly count?: number;
}

/** The most errors in one response. If there are more, the last one says how many are not shown. */
export const maxErrors = 100;

interface ErrorOptions {
  readonly detail?: string;
  readonly meta?: Record<string, unknown>;
  readonly pointer?: string;
  readonly parameter?: string;
  /** Response headers, for example Retry-After. */
  readonly headers?: Record<string, string>;
  /** For the log; never part of the response. */
  readonly cause?: unknown;
}

export function errorObject(code: ErrorCode, options: ErrorOptions = {}): ErrorObject {
  return {
    code,
    detail: options.detail ?? errorKinds[code].detail,
    meta: options.meta ?? {},
    source: {
      ...(options.pointer !== undefined && { pointer: options.pointer }),
      ...(options.parameter !== undefined && { parameter: options.parameter }),
    },
  };
}

/** Thrown to refuse a request: one or more error objects with the same status. */
export class ApiError extends Error {
  readonly errors: readonly ErrorObject[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, options: ErrorOptions = {}) {
    super(options.detail ?? errorKinds[code].detail, { cause: options.cause });
    this.errors = [errorObject(code, options)];
    const { headers }: ErrorKind = errorKinds[code];
    this.headers = { ...headers, ...options.headers };
  }

  /**
   * @param errors at least one; all have the same status. Two checks may find one rule broken, because each sees the
   *   writes of others that were committed before it
   */
  static of(errors: readonly ErrorObject[]): ApiError {
    const first = errors[0]!;
    const error = new ApiError(first.code, { detail: first.detail });
    Object.assign(error, { errors: atMost(maxErrors, distinct(errors)) });
    return error;
  }

  get code(): ErrorCode {
    return this.errors[0]!.code;
  }

  get status(): number {
    return errorKinds[this.code].status;
  }
}

function distinct(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const byText = errors.map(
    (error, i) => [error.count === undefined ? JSON.stringify(error) : i, error] as const,
  );
  return [...new Map(byText).values()];
}

function atMost(limit: number, errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const total = errors.reduce((sum, { count = 1 }) => sum + count, 0);
  if (total <= limit) return errors;
  const shown = errors.filter(({ count }) => count === undefined).slice(0, limit - 1);
  return [...shown, moreErrors(shown[0]!.code, total - shown.length)];
}

/** An error object that says how many errors are not shown. */
export function moreErrors(code: ErrorCode, count: number): ErrorObject {
  const detail = `${count} more ${count === 1 ? 'error is' : 'errors are'} not shown`;
  return { ...errorObject(code, { detail, meta: { more: count } }), count };
}

/** 422 for a relationship of the request body that breaks a rule. */
export function relationshipViolation(relationship: string, detail: string): ErrorObject {
  return errorObject('invalid_attribute', { detail, pointer: `data/relationships/${relationship}` });
}

/** 422 for an attribute of the request body that breaks a rule. The pointer names the attribute. */
export function violation(attribute: string, detail: string): ErrorObject {
  return errorObject('invalid_attribute', { detail, pointer: `data/attributes/${attribute}` });
}
