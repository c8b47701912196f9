// A process with a scheduler and one job: `node FILE DATABASE_URL LEASE_MS`. It prints what happens: `ready`, `begins`,
// `wrote`, `refused`, `stopping`, `stopped`. The job ignores its signal. It waits for a line on standard input. If the
// line is `fail`, it throws; otherwise it writes a secret and ends. When standard input closes, the process ends.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { readConfig } from '../../src/config.ts';
import { type Job, LeaseLost, startScheduler } from '../../src/delivery/scheduler.ts';
import { openStore } from '../../src/open-store.ts';

const [, , databaseUrl, leaseMs] = process.argv;
const store = await openStore(readConfig({ databaseUrl: databaseUrl! }, {}));
const say = (line: string) => void process.stdout.write(`${line}\n`);
const lines = createInterface(process.stdin);

const job: Job = {
  name: 'test',
  everySeconds: 3600,
  async work({ write }) {
    say('begins');
    const [line] = await once(lines, 'line');
    if (line === 'fail') throw new Error('no reason');
    try {
      await write(({ secrets }) => secrets.keep(`run ${randomUUID()}`, String(process.pid)));
      say('wrote');
    } catch (error) {
      if (error instanceof LeaseLost) say('refused');
      throw error;
    }
    return 1;
  },
};

const print = (details: object, message: string) => say(`${message} ${JSON.stringify(details)}`);
const scheduler = startScheduler(store, [job], { info: print, warn: print, error: print }, Number(leaseMs));
// The test has ended, also if it was killed.
lines.once('close', () => process.exit(1));
process.once('SIGTERM', async () => {
  const stopped = scheduler.stop(30_000);
  say('stopping');
  await stopped;
  await store.close();
  say('stopped');
  process.exit(0);
});
say('ready');
