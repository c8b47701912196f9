import type { TestContext } from 'node:test';
import { headerText, type RawAnswer, readAnswer, sendRaw } from './raw-socket.ts';

/** Sends a request with only these headers, Host, Connection and Content-Length. fetch would add others. */
export async function sendPlain(
  t: TestContext,
  url: string,
  [method, target]: readonly [method: string, target: string],
  headers: Readonly<Record<string, string>> = {},
  body?: Buffer | string,
): Promise<RawAnswer> {
  const all: Record<string, string> = { Host: 'localhost', Connection: 'close', ...headers };
  const content = Buffer.from(body ?? '');
  if (body !== undefined) all['Content-Length'] = String(content.length);
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const header = headerText(`${method} ${target} HTTP/1.1`, ...lines);
  return readAnswer(await sendRaw(t, url, Buffer.concat([Buffer.from(header), content])));
}
