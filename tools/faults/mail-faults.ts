// Faults in links and mails.

import type { Fault } from '../faults.ts';

const links = 'src/store/accounts/links.ts';
const mails = 'src/store/accounts/mails.ts';
const storeTests = ['test/store/links-and-mails.test.ts'];
const queueTests = ['test/resources/queue-mail.test.ts'];
const mailboxTests = ['test/spec/mailbox/reading.test.ts'];

export const mailFaults: readonly Fault[] = [
  {
    name: 'a link can be used twice',
    file: links,
    find: `        .set({ used_at: now })
        .where('token_hash', '=', tokenHash)
        .where('purpose', '=', purpose)
        .where(canBeUsed(now))`,
    replace: `        .set({ used_at: now })
        .where('token_hash', '=', tokenHash)
        .where('purpose', '=', purpose)`,
    tests: storeTests,
  },
  {
    name: 'the link of one purpose serves another',
    file: links,
    find: `        .select(columns)
        .where('token_hash', '=', tokenHash)
        .where('purpose', '=', purpose)`,
    replace: `        .select(columns)
        .where('token_hash', '=', tokenHash)`,
    tests: storeTests,
  },
  {
    name: 'ending later links ends earlier ones too',
    file: links,
    find: `        .where('id', '>', after)\n`,
    replace: '',
    tests: storeTests,
  },
  {
    name: 'a mail that another sender has claimed is claimed again',
    file: mails,
    find: `      .where('attempts', '=', attempts);`,
    replace: ';',
    tests: storeTests,
  },
  {
    name: 'a mail gets a new Message-ID with each attempt',
    file: mails,
    find: 'coalesce(message_id, $',
    replace: 'coalesce(null, $',
    tests: storeTests,
  },
  {
    name: 'mails are created although mail is off',
    file: 'src/resources/mails/queue-mail.ts',
    find: `  if (service.mode === 'off') return;
  const { kind,`,
    replace: '  const { kind,',
    tests: queueTests,
  },
  {
    name: 'the link of a decoy can be found for a month',
    file: 'src/resources/mails/queue-mail.ts',
    find: 'expiresAt: now - endedLinkMs,',
    replace: 'expiresAt: now,',
    tests: queueTests,
  },
  {
    name: 'mails above the limit of the client use up the limit of the mailbox',
    file: 'src/resources/mails/count-mail.ts',
    find: `    (await count(\`from \${network}\`, mail.maxPerClient)) ??
    (await count(\`for \${organizationId}\`, ofJoinLink)) ??
    (await count(\`\${isReset ? 'reset ' : ''}to \${mailboxKey(to)}\`, mail.maxPerAddress))`,
    replace: `    (await count(\`\${isReset ? 'reset ' : ''}to \${mailboxKey(to)}\`, mail.maxPerAddress)) ??
    (await count(\`from \${network}\`, mail.maxPerClient))`,
    tests: queueTests,
  },
  {
    name: 'every sysadmin reads the mailbox',
    file: 'src/resources/mails/list-mailbox.ts',
    find: '!managesSecurity(actor)',
    replace: '!actor.sysadmin',
    tests: mailboxTests,
  },
  {
    name: 'a read-only token gets links that write',
    file: 'src/resources/mails/list-mailbox.ts',
    find: `  if (actor.readOnly) throw new ApiError('read_only_token');\n`,
    replace: '',
    tests: mailboxTests,
  },
  {
    name: 'the mailbox is open to other machines without being asked for',
    file: 'src/open-mail.ts',
    find: '(config.mailbox || isLoopback(config.host))',
    replace: 'true',
    tests: mailboxTests,
  },
  {
    name: 'links are dead after the secret was replaced',
    file: 'src/delivery/render-stored-mail.ts',
    find: 'if (link.tokenHash !== tokenHash) await',
    replace: 'if (link.tokenHash === tokenHash) await',
    tests: mailboxTests,
  },
  {
    name: 'a secret that others can read is used',
    file: 'src/store/sqlite/link-secret-file.ts',
    find: '(found.mode & 0o077) !== 0',
    replace: 'false',
    tests: ['test/cli/link-secret.test.ts'],
  },
  {
    name: 'whoever invites an address uses up its limit for resets',
    file: 'src/resources/passwords/request-reset.ts',
    find: ', isReset: true',
    replace: '',
    tests: ['test/spec/passwords/requesting.test.ts'],
  },
];
