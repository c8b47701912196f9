// C11, S16: no answer of a route without a token shows whether an address has an account, by its bytes or by the work
// behind it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog } from '../../../src/resources/catalog.ts';
import { organizations } from '../../../src/resources/organizations/organizations.ts';
import type { Route } from '../../../src/resources/route.ts';
import { commandLine } from '../../support/command-line.ts';
import { onEachEngine } from '../../support/engines.ts';
import { sendingThrough } from '../../support/queued-mails.ts';
import { startSmtpServer } from '../../support/smtp-server.ts';
import { spawnMuster } from '../../support/spawn-muster.ts';
import { send, type TestApp } from '../../support/start-app.ts';
import { newAddress, right, startSignIns, wrong } from './start-sign-in.ts';

function takesEmail({ auth, input }: Route): boolean {
  const inputs = input === undefined ? [] : 'instead' in input ? input.instead : input.extra;
  return auth === 'none' && inputs.some(({ name }) => name === 'email');
}

const routes = catalog.filter(takesEmail);

const joinLink = 'the join link of an organization';

/** Accounts that nobody can sign in to, and addresses without one. */
async function createAccounts({
  createOrganization,
  createUser,
  store,
  clock,
}: TestApp): Promise<readonly (readonly [string, string])[]> {
  const id = await createOrganization();
  await store.write(({ records }) => records(organizations).update(id, { invitation_token: joinLink }));
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
    {
      readonly response: RegExp;
      attributes(password: string): Readonly<Record<string, unknown>>;
      /** Whether a text that is no address is refused. */
      readonly needsAddress?: true;
    }
  >
> = {
  requestInvitation: { response: /^\[204,/, attributes: () => ({ token: joinLink }), needsAddress: true },
  signIn: { response: /^\[401,.*invalid_credentials/, attributes: (password) => ({ password }) },
  requestPasswordReset: { response: /^\[204,/, attributes: () => ({}) },
};

const samples = 25;
const named = ['--first-name', 'Ann', '--last-name', 'Lee'];

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

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

onEachEngine((engine) => {
  for (const { name, method, path, resource } of routes)
    test(`C11, S16 ${name} answers with the same bytes after the same work, whether there is an account or not`, async (t) => {
      const { app } = await startSignIns(t, engine, { mailsPerAddress: '0' });
      const attempts = (await createAccounts(app)).filter(
        ([email]) => email.includes('@') || !requests[name]!.needsAddress,
      );
      const answers = new Map(attempts.map((attempt) => [attempt, new Set<string>()]));
      const work = new Map(attempts.map((attempt) => [attempt, [] as number[]]));
      const lowest = () => [...work.values()].map(lowestDecile);
      const isSame = () => Math.max(...lowest()) < 1.25 * Math.min(...lowest());
      // More samples where other processes have disturbed the first ones.
      for (let i = 0; i < samples || (i < 8 * samples && !isSame()); i++) {
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
      assert.ok(isSame(), `microseconds: ${lowest().join(', ')}`);
    });

  for (const { name, method, path, resource } of routes.filter((one) => one.name === 'requestPasswordReset'))
    test(`C11, S15, S16 ${name} takes the same time for every address, while the mail server hangs`, async (t) => {
      const server = await startSmtpServer(t);
      server.reply = (stage) => (stage === 'recipient' ? 'hang' : undefined);
      const muster = await commandLine(t, {}, engine);
      await muster.run(...['users', 'create', '--email', 'ann@example.com'], ...named);
      const limits = { MUSTER_MAILS_PER_ADDRESS: '0', MUSTER_MAILS_PER_CLIENT: '0' };
      const service = await spawnMuster(t, {
        env: { ...muster.env, ...sendingThrough(server), ...limits, MUSTER_TRUSTED_PROXIES: 'loopback' },
      });
      const emails = ['ann@example.com', 'nobody@example.com'];
      const times = Object.fromEntries(emails.map((email) => [email, [] as number[]]));
      const ask = async (email: string) => {
        const attributes = { email, ...requests[name]!.attributes(right) };
        const answer = await send(service.url, method, path, {
          headers: { 'X-Forwarded-For': newAddress() },
          body: { data: { type: resource.type, attributes } },
        });
        assert.equal(answer.status, 204);
      };
      await ask('ann@example.com');
      await server.asked('recipient ann@example.com');
      for (let i = 0; i < 200; i++)
        for (const email of i % 2 === 0 ? emails : emails.toReversed()) {
          const before = performance.now();
          await ask(email);
          times[email]!.push(performance.now() - before);
        }
      const medians = Object.values(times).map(median);
      assert.ok(Math.max(...medians) < 1.5 * Math.min(...medians), `milliseconds: ${medians.join(', ')}`);
      assert.deepEqual(server.mails, []);
      await service.stop('SIGKILL');
    });
});
