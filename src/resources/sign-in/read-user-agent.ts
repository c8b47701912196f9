// What a User-Agent says about the client, as the list of one's sessions shows it. Clients can send anything there.

import { maxShortText } from '../../model/kinds/text.ts';

/** Each is null if it is not known. */
export interface Client {
  /** For example `iPhone`, `desktop`. */
  readonly device: string | null;
  /** For example `macOS 10.15.7`. */
  readonly platform: string | null;
  /** For example `Chrome 124`, `curl 8.5.0`. */
  readonly browser: string | null;
}

/** Browsers send less than 300 characters. */
const maxRead = 1024;

export async function readUserAgent(userAgent: string | null): Promise<Client> {
  if (!userAgent) return { device: null, platform: null, browser: null };
  const text = userAgent.slice(0, maxRead);
  // Loaded at the first sign-in, because it takes memory.
  const { default: bowser } = await import('bowser');
  const { browser, os, platform } = bowser.parse(text);
  // Windows calls its versions `NT 10.0`.
  const osVersion = os.name === 'Windows' ? os.versionName : os.version;
  return {
    device: joined(platform.model ?? platform.type),
    platform: joined(os.name, osVersion),
    browser: joined(browser.name, browser.version?.split('.')[0]) ?? product(text),
  };
}

/** Programs name themselves first: `curl/8.5.0` (RFC 9110 section 10.1.5). Those that call themselves Mozilla are browsers. */
function product(text: string): string | null {
  const [, name, version] = /^([\w.-]+)(?:\/([\w.-]+))?/.exec(text) ?? [];
  return name === 'Mozilla' ? null : joined(name, version);
}

function joined(...parts: (string | undefined)[]): string | null {
  return parts.filter(Boolean).join(' ').slice(0, maxShortText) || null;
}
