// What the log shows of a URL: the path without the query, with tokens masked.

import { stdSerializers } from 'pino';
import { namesInPath, type PathParameters, parameterKinds } from '../jsonapi/path-parameters.ts';

export interface LoggedPaths {
  /** The path without the query, which may contain a token. Segments that are tokens, or as long as one, are masked. */
  path(url: string): string;
  /** An error of a request, for the log. Its message and stack are masked where they contain hidden parts of the URL. */
  error(thrown: unknown, url: string): Record<string, unknown>;
}

interface ServedPath {
  readonly path: string;
  readonly parameters?: PathParameters;
}

/** Longer segments are masked: ids are shorter, tokens are longer. */
const maxSegment = 20;

/** Shorter texts are not masked in errors, because they are not secrets and are often part of ordinary words. */
const minSecret = 8;

/** @param served paths whose token segments are masked, also in unknown paths that begin in the same way */
export function loggedPaths(served: readonly ServedPath[]): LoggedPaths {
  const masks = tokenMasks(served);
  const masked = (path: string): string[] => {
    const segments = path.split('/');
    const tokens = masks.filter((mask) => mask.holds(segments)).map(({ place }) => place);
    return segments.filter((segment, i) => segment.length > maxSegment || tokens.includes(i));
  };
  const mayHide = (path: string) =>
    path.length > maxSegment ||
    (masks.length > 0 && path.includes('%')) ||
    masks.some(({ start }) => path.startsWith(start));

  return {
    path(url) {
      // A URL that is not a path may contain a user name and a password.
      if (!url.startsWith('/')) return '…';
      const end = url.indexOf('?');
      const path = end === -1 ? url : url.slice(0, end);
      const hidden = mayHide(path) ? masked(path) : [];
      const visible =
        hidden.length === 0
          ? path
          : path.replaceAll(/[^/]+/g, (segment) => (hidden.includes(segment) ? '…' : segment));
      const shown = visible.length > 200 ? `${visible.slice(0, 200)}…` : visible;
      return /^[\w/.-]*$/.test(shown) ? shown : JSON.stringify(shown).slice(1, -1);
    },
    error(thrown, url) {
      if (!(thrown instanceof Error)) return { type: typeof thrown };
      const { type, message, stack, code } = stdSerializers.err(thrown) as unknown as Record<string, string>;
      const [path = '', ...query] = url.split('?');
      const texts = hiddenTexts(url, masked(path), query.join('?').split(/[&=]/));
      const hide = (text: string) => texts.reduce((shown, secret) => shown.replaceAll(secret, '…'), text);
      return { type, message: hide(message!), stack: hide(stack!), ...(code !== undefined && { code }) };
    },
  };
}

/** The texts to mask, as in the URL and percent-decoded; the longest first, because one may contain another. */
function hiddenTexts(url: string, segments: readonly string[], values: readonly string[]): string[] {
  const texts = [
    url.length > maxSegment ? url : '',
    ...[...segments, ...values].filter(({ length }) => length >= minSecret),
  ];
  return [...new Set([...texts, ...texts.map(decoded)])]
    .filter((text) => text !== '')
    .sort((a, b) => b.length - a.length);
}

interface TokenMask {
  /** Index of the token's segment. */
  readonly place: number;
  /** The path up to its first parameter. */
  readonly start: string;
  /** Whether these segments match the path up to the token. */
  holds(segments: readonly string[]): boolean;
}

function tokenMasks(served: readonly ServedPath[]): TokenMask[] {
  return served.flatMap(({ path, parameters = {} }) => {
    const tokens = namesInPath(path).filter((name) => parameterKinds[parameters[name]!].secret);
    const parts = path.split('/');
    return tokens.map((token) => {
      const place = parts.findIndex((part) => part.includes(`{${token}}`));
      const before = parts.slice(0, place);
      return {
        place,
        start: path.slice(0, path.indexOf('{')),
        holds: (segments: readonly string[]) =>
          before.every((part, i) => part.includes('{') || part === decoded(segments[i] ?? '')),
      };
    });
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
