// The job of a service without a mail server: mails that were queued for one are moved to the development mailbox, such as
// those of a command with other settings.

import type { Store } from '../store/store.ts';
import type { Job } from './scheduler.ts';

const mailsPerBatch = 500;

/** @param clock in milliseconds since 1970 */
export function moveToMailboxJob({ read }: Pick<Store, 'read'>, clock: () => number): Job {
  return {
    // The lease of the job that sends, so that the two never work at once.
    name: 'send-mails',
    everySeconds: 1,
    hasWork: async () => (await read.mails.outbox()).queued > 0,
    async work({ write, signal }) {
      for (let count = 0; ; ) {
        const moved = await write(({ mails }) => mails.moveToMailbox(clock(), mailsPerBatch));
        count += moved;
        if (moved < mailsPerBatch || signal.aborted) return count;
      }
    },
  };
}
