// `muster check`: finds what prevents a start, damaged data, weak settings, and whether mails can be sent.

import { get } from 'node:http';
import { dirname, resolve } from 'node:path';
import { type Config, givenName, unknownVariables } from '../../config.ts';
import { isLoopback } from '../../model/network.ts';
import { databaseFile, isPostgres } from '../../open-store.ts';
import { FileError, isPrivate } from '../../platform/private-files.ts';
import type { SettingName } from '../../settings.ts';
import { NoDatabase } from '../../store/errors.ts';
import { migrationsOf, unwritableReason } from '../../store/sqlite/existing-file.ts';
import { integrityProblems, isUnadministered, sharedMailboxesOf } from '../../store/sqlite/inspect.ts';
import { filesOf } from '../../store/sqlite/private-database.ts';
import { nobodyAdministersText } from '../accounts/administration.ts';
import { breachFindings } from '../password-policy.ts';
import { type OutputOptions, printRows } from '../print.ts';
import { probeAddress } from '../serve/service.ts';
import { type Finding, versionFindings } from './findings.ts';
import { linkSecretFindings } from './link-secret-findings.ts';
import { mailFindings } from './mail-findings.ts';
import { postgresFindings } from './postgres-findings.ts';
import { textFindings } from './text-findings.ts';

export type CheckOptions = OutputOptions & {
  readonly strict?: boolean;
  /** Where to send a test mail. */
  readonly mailTo?: string;
};

/** Sets the exit status to 1 if there is an error; with `strict`, also if there is a warning. */
export async function checkCommand(config: Config, options: CheckOptions): Promise<void> {
  const ofDatabase = isPostgres(config) ? await postgresFindings(config) : await fileFindings(config);
  const findings = [
    ...ofDatabase,
    ...(canBeCompared(ofDatabase) ? await textFindings(config) : []),
    ...linkSecretFindings(config),
    ...(await addressFindings(config)),
    ...(await breachFindings(config)),
    ...(await mailFindings(config, options.mailTo)),
    ...unknownSettings(),
    ...weakSettings(config),
  ];
  if (findings.length > 0 || options.json)
    printRows(
      findings.map((finding) => ({ ...finding })),
      options,
    );
  else process.stdout.write('No problems found.\n');
  if (findings.some(({ level }) => level === 'error' || (options.strict && level === 'warning')))
    process.exitCode = 1;
}

/** Not if the database cannot be used, or is of another version. */
function canBeCompared(ofDatabase: readonly Finding[]): boolean {
  return !ofDatabase.some(({ level, finding }) => level === 'error' || finding.includes('older version'));
}

async function fileFindings(config: Config): Promise<Finding[]> {
  const file = resolve(databaseFile(config));
  const error = (finding: string): Finding => ({ level: 'error', subject: file, finding });
  let findings: Finding[];
  try {
    findings = integrityProblems(file).map(error);
    if (findings.length === 0) {
      findings = versionFindings(file, migrationsOf(file));
      if (isUnadministered(file))
        findings.push({ level: 'warning', subject: file, finding: nobodyAdministersText });
      for (const finding of await sharedMailboxesOf(file))
        findings.push({ level: 'warning', subject: file, finding });
    }
  } catch (cause) {
    if (!(cause instanceof NoDatabase || cause instanceof FileError)) throw cause;
    const finding = cause.message.replace(`${file} `, '');
    return [
      error(
        cause instanceof NoDatabase ? `${finding}; \`muster serve\` creates a new database there` : finding,
      ),
    ];
  }
  const unwritable = unwritableReason(file);
  if (unwritable !== null) findings.push({ level: 'error', subject: file, finding: unwritable });
  return [...findings, ...modeFindings(file)];
}

function modeFindings(file: string): Finding[] {
  const warning = (subject: string, remedy: string): Finding[] =>
    isPrivate(subject)
      ? []
      : [
          {
            level: 'warning',
            subject,
            finding: `can be accessed by other users of this machine (${remedy})`,
          },
        ];
  return [
    ...warning(dirname(file), 'run chmod 700; a start does this if nothing else is in this folder'),
    ...filesOf(file).flatMap((path) => warning(path, 'run chmod 600; a start does this')),
  ];
}

/** An error if the service could not listen on its address. None if a running Muster already uses it. */
async function addressFindings(config: Config): Promise<Finding[]> {
  try {
    await probeAddress(config);
    return [];
  } catch (error) {
    const { code, message } = (error as Error).cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' && (await isMuster(config))) return [];
    const finding = `cannot be used (${message})`;
    return [{ level: 'error', subject: `${config.host}:${config.port}`, finding }];
  }
}

const answerTimeoutMs = 2000;

/** Whether a Muster answers at the address. */
function isMuster({ host, port }: Config): Promise<boolean> {
  const anyAddress: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  return new Promise((resolve) => {
    const request = get(
      { host: anyAddress[host] ?? host, port, path: '/health/live', timeout: answerTimeoutMs },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text.slice(0, 1000);
        });
        response.once('end', () => resolve(body === '{"meta":{"status":"live"}}'));
        response.once('error', () => resolve(false));
      },
    );
    request.once('timeout', () => request.destroy(new Error('no answer')));
    request.once('error', () => resolve(false));
  });
}

function unknownSettings(): Finding[] {
  const finding = 'is not a setting and is ignored';
  return unknownVariables(process.env).map((subject) => ({ level: 'warning', subject, finding }));
}

function weakSettings(config: Config): Finding[] {
  const local = isLoopback(config.host);
  const weak: [boolean, SettingName, string][] = [
    [
      config.minPasswordLength < 15,
      'minPasswordLength',
      'is below 15, which NIST SP 800-63B-4 requires if there is no second factor',
    ],
    [config.rateLimit === 0, 'rateLimit', 'is 0: there is no rate limit'],
    [
      !local && !config.publicUrl.startsWith('https:'),
      'publicUrl',
      'is not https, but the service can be reached from other machines',
    ],
    [
      config.corsOrigins.some((origin) => origin.startsWith('http:') && !origin.includes('//localhost')),
      'corsOrigins',
      'contains an origin without TLS; use https',
    ],
    [
      ['fatal', 'error', 'warn', 'silent'].includes(config.logLevel),
      'logLevel',
      'is above info, so requests are not logged',
    ],
  ];
  const findings = weak.flatMap(([applies, setting, finding]): Finding[] =>
    applies ? [{ level: 'warning', subject: givenName(config, setting), finding }] : [],
  );
  if (config.bootstrapPassword !== '' || config.bootstrapToken !== '')
    findings.push({
      level: 'notice',
      subject: 'MUSTER_BOOTSTRAP_*',
      finding: 'is only needed for the first start; remove it, because others may read the environment',
    });
  return findings;
}
