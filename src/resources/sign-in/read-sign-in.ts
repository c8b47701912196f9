// Reads the attributes of a sign-in: email and password, and what the client says of itself.

import { ApiError, type ErrorObject, violation } from '../../errors.ts';
import { type GivenRecord, requiredText, unknownAttributes } from '../../jsonapi/read-document.ts';
import type { Kind } from '../../model/kind.ts';
import * as kind from '../../model/kinds.ts';
import type { Zone } from '../../model/zone.ts';
import { sessions } from '../sessions/sessions.ts';

export interface SignIn {
  /** Any text: the response does not show whether it is an address. */
  readonly email: string;
  readonly password: string;
  readonly name: string | null;
  readonly device: string | null;
  readonly platform: string | null;
  readonly browser: string | null;
  readonly read_only: boolean;
  /** For the trail: no attribute of the session shows it. */
  readonly app_version: string | null;
}

const optional: Readonly<Record<string, Kind<string | boolean>>> = {
  name: kind.sessionName,
  device: kind.shortText,
  platform: kind.shortText,
  browser: kind.shortText,
  read_only: kind.boolean,
  app_version: kind.shortText,
};

/**
 * An optional attribute that is null or empty is not given. Other attributes of sessions are ignored, because JSON:API
 * clients often send whole resources.
 * @throws ApiError invalid_attribute for each attribute that is missing, breaks its rule, or is not known, and for each
 * relationship that is not known
 */
export function readSignIn({ attributes, ...given }: GivenRecord, zone: Zone): SignIn {
  const { email, password, ...others } = attributes;
  const violations: ErrorObject[] = [...requiredText('email', email), ...requiredText('password', password)];
  const values: Record<string, unknown> = {};
  const unknown: string[] = [];
  for (const [name, value] of Object.entries(others)) {
    if (!Object.hasOwn(optional, name)) {
      if (!Object.hasOwn(sessions.attributes, name)) unknown.push(name);
      continue;
    }
    if (value === null || value === '') continue;
    const checked = optional[name]!.check(value, zone);
    if ('violations' in checked) violations.push(...checked.violations.map((rule) => violation(name, rule)));
    else values[name] = checked.value;
  }
  violations.push(...unknownAttributes(unknown), ...given.violations);
  if (violations.length > 0) throw ApiError.of(violations);
  const nothing = {
    name: null,
    device: null,
    platform: null,
    browser: null,
    read_only: false,
    app_version: null,
  };
  return { ...nothing, ...values, email: email as string, password: password as string };
}
