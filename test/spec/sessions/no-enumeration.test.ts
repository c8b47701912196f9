// C11, S16: no answer of a route without a token shows whether an address has an account, by its bytes or by the work
// behind it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog } from '../../../src/resources/catalog.ts';
import type { Route } from '../../../src/resources/route.ts';
import { onEachEngine } from '../../support/engines.ts';
import type { TestApp } from '../../support/start-app.ts';
import { newAddress, right, startSignIns, wrong } from './start-sign-in.ts';

function takesEmail({ auth, input }: Route): boolean {
  const inputs = input === undefined ? [] : 'instead' in input ? input.instead : input.extra;
  return auth === 'none' && inputs.some(({ name }) => name === 'email');
}

const routes = catalog.filter(takesEmail);

/** Accounts that nobody can sign in to, and addresses without one. */
async function createAccounts({
  createUser,
  clock,
}: TestApp): Promise<readonly (readonly [string, string])[]> {
  const values = { account_access_expires_at: clock.now };
  await createUser({ email: 'ann@example.com', password: right });
  await createUser({ email: 'expired@example.com', password: right, values });
  await createUser({ email: 'without@example.com' });
  return [
    ['ann@example.com', wrong],
    ['expired@example.com', right],
    ['without@example.com', right],
    ['nobody@example.com', right],
    ['not an address', right],
  ];
}

/** By route: what a request has besides the email, and the response to all. */
const requests: Readonly<
  Record<
    string,
    { readonly response: RegExp; attributes(password: string): Readonly<Record<string, unknown>> }
  >
> = {
  signIn: { response: /^\[401,.*invalid_credentials/, attributes: (password) => ({ password }) },
  requestPasswordReset: { response: /^\[204,/, attributes: () => ({}) },
};

const samples = 25;

/** Not the median: under load, other processes empty the caches of the processor. */
function lowestDecile(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 10)]!;
}

test('S16 the routes that take an email without a token are known', () => {
  assert.deepEqual(
    routes.map(({ name }) => name),
    Object.keys(requests),
  );
});

onEachEngine((engine) => {
  for (const { name, method, path, resource } of routes)
    test(`C11, S16 ${name} answers with the same bytes after the same work, whether there is an account or not`, async (t) => {
      const { app } = await startSignIns(t, engine, { mailsPerAddress: '0' });
      const attempts = await createAccounts(app);
      const answers = new Map(attempts.map((attempt) => [attempt, new Set<string>()]));
      const work = new Map(attempts.map((attempt) => [attempt, [] as number[]]));
      for (let i = 0; i < samples; i++) {
        // So that no delay has begun.
        app.clock.now += 3_600_000;
        for (const attempt of attempts) {
          const [email, password] = attempt;
          const attributes = { email, ...requests[name]!.attributes(password) };
          const body = { data: { type: resource.type, attributes } };
          const headers = { 'X-Forwarded-For': newAddress() };
          const before = process.cpuUsage();
          const answer = await app.request(method, path, { headers, body });
          const { user, system } = process.cpuUsage(before);
          work.get(attempt)!.push(user + system);
          const told = [...answer.headers].filter(
            ([header]) => header !== 'x-request-id' && header !== 'date',
          );
          answers.get(attempt)!.add(JSON.stringify([answer.status, told, answer.text]));
        }
      }
      const distinct = new Set([...answers.values()].flatMap((all) => [...all]));
      assert.equal(distinct.size, 1);
      assert.match([...distinct][0]!, requests[name]!.response);
      // CPU time instead of the time on the clock, which depends on other processes.
      const lowest = [...work.values()].map(lowestDecile);
      assert.ok(Math.max(...lowest) < 1.25 * Math.min(...lowest), `microseconds: ${lowest.join(', ')}`);
    });
});
