// Two instances with one clock, for tests of memberships that end.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Role } from '../../../src/model/actor.ts';
import { type EngineName, emptyDatabase } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import { type Answer, serveStore, type TestApp } from '../../support/start-app.ts';

export const seeEachOther = { membersSeeEachOther: 'true' };

/** With one public URL, so that the answers of both are the same. */
export async function startEnding(
  t: TestContext,
  engine: EngineName,
  further: Readonly<Record<string, string>> = {},
) {
  const settings = { publicUrl: 'https://accounts.example', ...further };
  const open = await emptyDatabase(t, engine, { workers: 2 });
  const clock = { now: Date.parse('2026-03-17T04:04:00.843Z') };
  const app = await serveStore(t, await open(), settings, { clock });
  const apps = [app, await serveStore(t, await open(), settings, { clock })] as const;
  const organizationId = await app.createOrganization('Acme');
  const setEnd = (userId: number, role: Role, end: number | null, organization = organizationId) =>
    app.store.write((transaction) => setMember(transaction, organization, userId, role, clock.now, end));
  const end = clock.now + 60_000;
  return { app, apps, clock, organizationId, setEnd, end };
}

export interface Asked {
  readonly path: string;
  readonly headers?: Record<string, string>;
}

export function ask(app: TestApp, token: string, { path, headers }: Asked, etag?: string): Promise<Answer> {
  const condition = etag !== undefined && { 'If-None-Match': etag };
  return app.request('GET', path, { token, headers: { ...headers, ...condition } });
}

/** Asks each instance three times, so that it has everything in memory. @returns the tag of each answer */
export async function remember(
  apps: readonly TestApp[],
  token: string,
  asked: readonly Asked[],
): Promise<string[]> {
  const tags: string[] = [];
  for (const one of asked) {
    const answers: Answer[] = [];
    for (const app of apps) for (let i = 0; i < 3; i++) answers.push(await ask(app, token, one));
    const [{ text, headers }] = answers as [Answer];
    for (const answer of answers) {
      assert.equal(answer.status, 200, one.path);
      assert.equal(answer.text, text);
    }
    tags.push(headers.get('etag')!);
  }
  return tags;
}

export const idsOf = ({ body }: Answer): number[] => body.data.map(({ id }: { id: string }) => Number(id));
