// The background jobs of a service, by its settings.

import type { Config } from './config.ts';
import { createMailer } from './delivery/mailer.ts';
import { moveToMailboxJob } from './delivery/move-to-mailbox.ts';
import type { Job, SchedulerLog } from './delivery/scheduler.ts';
import { sendMailsJob } from './delivery/send-mails.ts';
import type { Metrics } from './http/metrics.ts';
import { linkSecretOf, mailMode, mailServer, newMessageId } from './open-mail.ts';
import { readBrand } from './read-brand.ts';
import { deleteOldEvents } from './resources/events/delete-old-events.ts';
import { deleteMails } from './resources/mails/delete-mails.ts';
import { followEnds } from './resources/memberships/follow-ends.ts';
import type { Clock } from './resources/operation.ts';
import { deleteExpiredKeys } from './resources/operations/delete-expired-keys.ts';
import { hasUnindexedTexts, indexShortTexts } from './resources/operations/index-short-texts.ts';
import { followRenames } from './resources/organizations/follow-renames.ts';
import { resources } from './resources/resources.ts';
import { deleteExpiredSessions } from './resources/sessions/delete-expired-sessions.ts';
import { deleteOldAttempts } from './resources/sign-in/delete-old-attempts.ts';
import { sessionLimits } from './security/session-limits.ts';
import type { Store } from './store/store.ts';

/** Background jobs. Each runs in one process at a time among all processes on a database. */
export function backgroundJobs(config: Config, clock: Clock): readonly Job[] {
  const limits = sessionLimits(config);
  return [
    {
      name: 'delete-expired-idempotency-keys',
      everySeconds: 60,
      work: (run) => deleteExpiredKeys(run, clock),
    },
    { name: 'delete-old-sign-in-attempts', everySeconds: 600, work: (run) => deleteOldAttempts(run, clock) },
    {
      name: 'delete-expired-sessions',
      everySeconds: 60,
      work: (run) => deleteExpiredSessions(run, clock, limits),
    },
    { name: 'delete-mails', everySeconds: 60, work: (run) => deleteMails(run, clock) },
    {
      name: 'delete-old-events',
      everySeconds: 3600,
      work: (run) => deleteOldEvents(run, config.eventDays),
    },
    // So that users follow within a minute, also the last of 100,000.
    { name: 'follow-organization-renames', everySeconds: 10, work: (run) => followRenames(run, clock) },
    { name: 'follow-membership-ends', everySeconds: 30, work: (run) => followEnds(run, clock) },
  ];
}

/** The job that keeps the index of short texts. */
export function textJob(store: Store): Job {
  return {
    name: 'index-short-texts',
    everySeconds: 5,
    hasWork: () => hasUnindexedTexts(store, resources),
    work: (run) => indexShortTexts(run, resources),
  };
}

/** The job that sends mails, or without a mail server the one that moves them to the mailbox; none if mail is off. */
export function mailJobs(
  config: Config,
  store: Store,
  clock: Clock,
  log: SchedulerLog,
  metrics: Pick<Metrics, 'observeMail'> | null,
): readonly Job[] {
  const mode = mailMode(config);
  if (mode === 'off') return [];
  if (mode === 'mailbox') return [moveToMailboxJob(store, clock)];
  const server = mailServer(config);
  return [
    sendMailsJob({
      store,
      clock,
      log,
      mailer: createMailer(server),
      parallel: server.connections,
      newMessageId: () => newMessageId(config),
      linkSecret: linkSecretOf(config),
      settings: { publicUrl: config.publicUrl, brand: readBrand(config), timeZone: config.timeZone },
      observe: metrics?.observeMail ?? (() => {}),
    }),
  ];
}
