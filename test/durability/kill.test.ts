// E1: acknowledged writes survive any number of kills of the process.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  type Attempt,
  assertNothingLost,
  emptyMemory,
  type Memory,
  writeUntilOver,
} from '../support/acknowledged-writes.ts';
import { commandLine, findings } from '../support/command-line.ts';
import { temporaryFolder } from '../support/engines.ts';
import { spawnMuster } from '../support/spawn-muster.ts';
import { send } from '../support/start-app.ts';

const kills = Number(process.env.MUSTER_TEST_KILLS ?? 30);
const clientCount = 8;
const token = 'a-token-of-the-first-account-with-32-characters';
const settings = {
  MUSTER_BOOTSTRAP_TOKEN: token,
  MUSTER_BOOTSTRAP_PASSWORD: 'a password of the first account',
  MUSTER_RATE_LIMIT: '0',
};

/** A killed process does not answer; a running one answers with success. */
function attemptOn(url: string): Attempt {
  return async (method, path, { body }) => {
    const answer = await send(url, method, path, { token, body }).catch(() => 'over' as const);
    if (answer !== 'over') assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`);
    return answer;
  };
}

/** One round: start, load, and a kill during the load. */
async function killUnderLoad(t: TestContext, dataDir: string, memory: Memory, round: number): Promise<void> {
  const muster = await spawnMuster(t, { env: { ...settings, MUSTER_DATA_DIR: dataDir } });
  const loaded = Promise.withResolvers<void>();
  let answers = 0;
  // At any moment of the load.
  const killAfter = 2 * clientCount + Math.floor(Math.random() * 100);
  const onAnswer = () => {
    if (++answers === killAfter) loaded.resolve();
  };
  const clients = Array.from({ length: clientCount }, (_, client) =>
    writeUntilOver(memory, `round${round}-client${client}`, attemptOn(muster.url), onAnswer),
  );
  // Errors of the clients come first.
  const complaint = Promise.all(clients);
  await Promise.race([loaded.promise, complaint]);
  assert.deepEqual(await muster.stop('SIGKILL'), { code: null, signal: 'SIGKILL' });
  await complaint;
}

test(`E1 loses no acknowledged write in ${kills} kills under load`, { timeout: 1_200_000 }, async (t) => {
  const dataDir = await temporaryFolder(t);
  const memory = emptyMemory();
  for (let round = 0; round < kills; round++) await killUnderLoad(t, dataDir, memory, round);

  const muster = await spawnMuster(t, { env: { ...settings, MUSTER_DATA_DIR: dataDir } });
  const { creations, changes } = await assertNothingLost(muster.url, token, memory);
  t.diagnostic(`${creations} creations and ${changes} changes were acknowledged`);
  // Each round must have at least one acknowledged write to prove something; most have hundreds.
  assert.ok(creations >= kills);

  await muster.stop();
  assert.deepEqual(await findings(await commandLine(t, { MUSTER_DATA_DIR: dataDir }), 'error'), []);
});
