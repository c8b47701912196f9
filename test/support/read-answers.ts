// Reads parts of responses for tests.

import assert from 'node:assert/strict';
import { users } from '../../src/resources/users/users.ts';
import type { Store } from '../../src/store/store.ts';
import type { Answer, TestApp } from './start-app.ts';

/** The ids of a collection, as numbers. */
export function ids(answer: Answer): number[] {
  assert.equal(answer.status, 200, answer.text);
  return answer.body.data.map(({ id }: { id: string }) => Number(id));
}

/** One attribute of each record of a collection. */
export function values(answer: Answer, attribute: string): any[] {
  assert.equal(answer.status, 200, answer.text);
  return answer.body.data.map((record: any) => record.attributes[attribute]);
}

/** The status and codes of an error response, for example `400 unsupported_filter`; only the status of a success. */
export function outcome({ status, body }: Pick<Answer, 'status' | 'body'>): string {
  return [status, ...(body?.errors ?? []).map(({ code }: { code: string }) => code)].join(' ');
}

/** The violations, for example `first_name can't be blank`; empty for a success. */
export function brokenRules(answer: Answer): string[] {
  if (answer.status < 400) return [];
  assert.equal(outcome(answer), `422${' invalid_attribute'.repeat(answer.body.errors.length)}`);
  return answer.body.errors.map(({ detail, source }: any) => {
    assert.match(source.pointer, /^data\/attributes\//);
    return `${source.pointer.slice('data/attributes/'.length)} ${detail}`;
  });
}

/** All pages of a collection, from the given one, by following `links.next`. */
export async function walk(
  app: TestApp,
  path: string,
  token: string,
  headers: Record<string, string> = {},
): Promise<Answer[]> {
  const pages: Answer[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const page: Answer = await app.request('GET', next, { token, headers });
    assert.equal(page.status, 200, `${next}: ${page.text}`);
    assert.ok(pages.push(page) < 1000, 'links.next never ends');
    next = page.body.links.next?.replace(app.url, '');
  }
  return pages;
}

/** The number of accounts that can administer. */
export async function countAdministrators({ read }: Store): Promise<number> {
  const { rowCount } = await read.records(users).state();
  let count = 0;
  for (let id = 1, seen = 0; seen < rowCount; id++) {
    if ((await read.records(users).find(id)) === null) continue;
    seen++;
    if (await read.administrators.includes(id)) count++;
  }
  return count;
}
