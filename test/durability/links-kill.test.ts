// E1: after kills in the middle of resets, every link that a response promised is there with its mail, and a link is used if
// and only if its password is set.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStore } from '../../src/open-store.ts';
import { hashToken } from '../../src/security/tokens.ts';
import type { Store } from '../../src/store/store.ts';
import { urlOf } from '../support/database-rows.ts';
import { emptyDatabaseConfig, onEachEngine } from '../support/engines.ts';
import { mailsTo } from '../support/mails.ts';
import { spawnMuster } from '../support/spawn-muster.ts';
import { document, send, testLinkSecret } from '../support/start-app.ts';

const root = 'a-token-of-the-first-account-with-32-characters';
const kills = 2;
const clients = 4;

/** What a client remembers. It alone uses its account. */
interface Memory {
  readonly email: string;
  /** Answered requests for a link. */
  links: number;
  /** Two if the answer to the last change did not come. */
  passwords: string[];
  /** The token of a change whose answer did not come. */
  unanswered: string | null;
}

const passwordsDocument = (attributes: object) => ({ data: { type: 'passwords', attributes } });

async function newestToken(store: Store, { email }: Memory): Promise<string> {
  const mails = await mailsTo({ store, url: '' }, email);
  return mails.findLast(({ kind }) => kind === 'password_reset')!.token!;
}

/** Asks for a link and sets a password by it, until the process is killed. */
async function useUntilKilled(memory: Memory, url: string, store: Store, onAnswer: () => void) {
  for (;;) {
    const asked = passwordsDocument({ email: memory.email });
    const promised = await send(url, 'POST', '/api/v2/passwords', { body: asked }).catch(() => null);
    if (promised === null) return;
    assert.equal(promised.status, 204, promised.text);
    memory.links++;
    onAnswer();
    const token = await newestToken(store, memory);
    const password = `the password after link ${memory.links}`;
    memory.passwords = [memory.passwords[0]!, password];
    memory.unanswered = token;
    const body = passwordsDocument({ password });
    const set = await send(url, 'PATCH', `/api/v2/passwords/${token}`, { body }).catch(() => null);
    if (set === null) return;
    assert.equal(set.status, 204, set.text);
    memory.passwords = [password];
    memory.unanswered = null;
    onAnswer();
  }
}

onEachEngine((engine) => {
  test('a link and its mail, and a password and the use of its link, are written together, also when killed', {
    timeout: 300_000,
  }, async (t) => {
    const config = await emptyDatabaseConfig(t, engine);
    const env = {
      MUSTER_DATABASE_URL: urlOf(config),
      MUSTER_BOOTSTRAP_TOKEN: root,
      MUSTER_LINK_SECRET: testLinkSecret,
      MUSTER_MAILS_PER_ADDRESS: '0',
      MUSTER_MAILS_PER_CLIENT: '0',
    };
    const start = () => spawnMuster(t, { env });
    let muster = await start();
    const store = await openStore(config);
    t.after(() => store.close());
    const memories: Memory[] = [];
    for (let i = 0; i < clients; i++) {
      const email = `client${i}@email.com`;
      const passwords = ['the password at the beginning'];
      const attributes = { email, first_name: 'Ann', last_name: 'Lee', password: passwords[0] };
      const options = { token: root, body: document(attributes) };
      assert.equal((await send(muster.url, 'POST', '/api/v2/users', options)).status, 201);
      memories.push({ email, links: 0, passwords, unanswered: null });
    }
    for (let round = 1; round <= kills; round++) {
      const loaded = Promise.withResolvers<void>();
      let answers = 0;
      const onAnswer = () => {
        if (++answers === 3 * clients) loaded.resolve();
      };
      const all = Promise.all(memories.map((memory) => useUntilKilled(memory, muster.url, store, onAnswer)));
      await Promise.race([loaded.promise, all]);
      await muster.stop('SIGKILL');
      await all;
      muster = await start();
      for (const memory of memories) await checkAfterKill(memory);
    }

    async function checkAfterKill(memory: Memory): Promise<void> {
      const mails = await mailsTo({ store, url: '' }, memory.email);
      const resets = mails.filter(({ kind }) => kind === 'password_reset');
      // The answer to the last request may not have come.
      assert.ok([memory.links, memory.links + 1].includes(resets.length), `${resets.length} ${memory.links}`);
      memory.links = resets.length;
      const works = async (password: string) => {
        const body = { data: { type: 'sessions', attributes: { email: memory.email, password } } };
        return (await send(muster.url, 'POST', '/api/v2/sessions', { body })).status === 201;
      };
      const token = memory.unanswered;
      if (token !== null) {
        const found = await store.read.links.find(hashToken(token), 'password_reset', Date.now());
        memory.passwords = [found === null ? memory.passwords[1]! : memory.passwords[0]!];
        memory.unanswered = null;
      }
      assert.ok(await works(memory.passwords[0]!), memory.email);
    }
  });
});
