// The job that sends queued mails. At least once: a mail is claimed before it is sent, and its outcome is recorded after.
// If the process dies in between, the mail is due again when its claim ends. If the server had already taken it, it
// arrives twice, with the same Message-ID.

import { setTimeout as sleep } from 'node:timers/promises';
import type { MailKind } from '../model/mail.ts';
import { StoreUnavailable } from '../store/errors.ts';
import type { MailRow } from '../store/mails.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { Mailer, SendOutcome } from './mailer.ts';
import type { MailSettings, RenderedMail } from './render-mail.ts';
import { renderStoredMail } from './render-stored-mail.ts';
import { pauseAfter, ServerPauses } from './retry-pauses.ts';
import type { Job, JobRun, SchedulerLog } from './scheduler.ts';
import { withoutSecrets } from './smtp-failure.ts';

/** What became of an attempt, for metrics. Mails that are `sent`, `refused`, `expired` or `canceled` are not tried again. */
export type MailOutcome = SendOutcome['outcome'] | 'expired' | 'canceled';

export interface MailSending {
  readonly store: Pick<Store, 'read' | 'write'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly mailer: Mailer;
  /** Number of mails to send at a time. */
  readonly parallel: number;
  readonly newMessageId: () => string;
  /** See MailService. */
  readonly linkSecret: string;
  readonly settings: MailSettings;
  readonly log: SchedulerLog;
  readonly observe: (kind: MailKind, outcome: MailOutcome) => void;
}

/** A mail without a link is tried for this long. With a link, until the link expires. */
const lifetimeMs = 72 * 60 * 60 * 1000;
/** How often a run looks for more mails while it sends. */
const pollMs = 500;
/** How long mails in progress may take when the service stops. */
const graceMs = 5000;
/** A claim lasts this much longer than an attempt may take, for recording the outcome. */
const recordMs = 5000;
const recordPauseMs = 500;

export function sendMailsJob(sending: MailSending): Job {
  const { store, clock, mailer, parallel, log, observe } = sending;
  const pauses = new ServerPauses(clock);

  async function isDue(inProgress: ReadonlyMap<number, unknown>): Promise<boolean> {
    if (pauses.isPaused()) return false;
    const due = await store.read.mails.due(clock(), 1 + inProgress.size);
    return due.some(({ id }) => !inProgress.has(id));
  }

  async function run({ write, signal }: JobRun): Promise<number> {
    const inProgress = new Map<number, Promise<void>>();
    const late = new AbortController();
    signal.addEventListener('abort', () => setTimeout(() => late.abort(), graceMs).unref(), { once: true });
    try {
      for (;;) {
        const free = signal.aborted ? 0 : parallel - inProgress.size;
        if (free > 0 && (await isDue(inProgress))) {
          const { claimed, canceled } = await write((transaction) =>
            claimMails(sending, transaction, free, inProgress),
          );
          for (const { kind } of canceled) observe(kind, 'canceled');
          for (const mail of claimed)
            inProgress.set(
              mail.id,
              deliver(mail, late.signal).finally(() => inProgress.delete(mail.id)),
            );
        }
        if (inProgress.size === 0) return 0;
        await Promise.race([...inProgress.values(), sleep(pollMs, undefined, { ref: false })]);
      }
    } finally {
      await Promise.all(inProgress.values());
      if (signal.aborted) mailer.close();
    }
  }

  /** Sends a claimed mail and records what became of it. Never throws. */
  async function deliver(mail: MailRow, signal: AbortSignal): Promise<void> {
    try {
      const result = await send(sending, mail, signal);
      pauses.observe(result.outcome);
      await settle(sending, mail, result);
    } catch (error) {
      // It is due again when the claim ends.
      log.error({ ...nameOf(mail), err: error }, 'mail failed');
    }
  }

  return {
    name: 'send-mails',
    everySeconds: 1,
    hasWork: () => isDue(new Map()),
    work: run,
  };
}

/** How the log names a mail: without its address. */
const nameOf = ({ id, kind, userId, attempts }: MailRow) => ({ mail: id, kind, user: userId, attempts });

interface ClaimedMails {
  readonly claimed: readonly MailRow[];
  readonly canceled: readonly MailRow[];
}

/**
 * Claims at most `limit` mails that are due, and cancels those whose link has ended.
 * @param inProgress mails that this process is sending. They are due if the clock was set forward.
 */
async function claimMails(
  { clock, mailer, newMessageId }: MailSending,
  { mails }: Transaction,
  limit: number,
  inProgress: ReadonlyMap<number, unknown>,
): Promise<ClaimedMails> {
  const now = clock();
  const claimed: MailRow[] = [];
  const canceled: MailRow[] = [];
  for (const mail of await mails.due(now, limit + inProgress.size)) {
    const { id, attempts, link } = mail;
    if (inProgress.has(id) || claimed.length === limit) continue;
    if (link !== null && (link.usedAt !== null || link.expiresAt <= now)) {
      const error = link.usedAt === null ? 'its link has expired' : 'its link was used or has ended';
      if (await mails.end(id, attempts, { state: 'canceled', error, now })) canceled.push(mail);
      continue;
    }
    const next = { dueAt: now + mailer.limitMs + recordMs, messageId: newMessageId() };
    const found = await mails.claim(id, attempts, next);
    if (found !== null) claimed.push(found);
  }
  return { claimed, canceled };
}

async function send(
  { store, mailer, linkSecret, settings, log }: MailSending,
  mail: MailRow,
  signal: AbortSignal,
): Promise<SendOutcome> {
  let rendered: RenderedMail;
  try {
    rendered = await renderStoredMail(mail, linkSecret, settings, store.write);
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error;
    log.error({ ...nameOf(mail), err: error }, 'mail cannot be written');
    return { outcome: 'deferred', reason: 'it cannot be written', answer: '' };
  }
  return mailer.send({ ...rendered, messageId: mail.messageId! }, signal);
}

/** Records what became of an attempt: the mail has ended, or is due again later. */
async function settle(sending: MailSending, mail: MailRow, result: SendOutcome): Promise<void> {
  const { clock, log, observe } = sending;
  const { id, kind, attempts, createdAt, link } = mail;
  const now = clock();
  if (result.outcome === 'sent') {
    observe(kind, 'sent');
    await record(sending, ({ mails }) => mails.end(id, attempts, { state: 'sent', error: null, now }));
    log.info({ ...nameOf(mail), answer: withoutSecrets(result.answer) }, 'mail sent');
    return;
  }
  const { outcome, reason } = result;
  observe(kind, outcome);
  const dueAt = now + pauseAfter(outcome, attempts);
  const isExpired = dueAt >= (link?.expiresAt ?? createdAt + lifetimeMs);
  if (outcome !== 'refused' && isExpired) observe(kind, 'expired');
  const isOver = outcome === 'refused' || isExpired;
  await record(sending, ({ mails }) =>
    isOver
      ? mails.end(id, attempts, { state: 'failed', error: reason, now })
      : mails.retry(id, attempts, { dueAt, error: reason }),
  );
  const details = { ...nameOf(mail), outcome, reason, ...(isOver ? {} : { againInMs: dueAt - now }) };
  log[outcome === 'misconfigured' ? 'error' : 'warn'](details, isOver ? 'mail given up' : 'mail not sent');
}

/**
 * Writes without the lease: what the server has taken is recorded also by a process that has lost it. While the database
 * is away it is tried again, so that a mail is not sent twice for that.
 */
async function record(
  { store, clock, mailer }: MailSending,
  work: (transaction: Transaction) => Promise<boolean>,
): Promise<void> {
  const until = clock() + mailer.limitMs;
  for (;;) {
    try {
      await store.write(work);
      return;
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || clock() >= until) throw error;
      await sleep(recordPauseMs);
    }
  }
}
