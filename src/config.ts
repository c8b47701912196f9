// Reads the settings from flags and variables. If a value is not valid, the service does not start, and the error names
// the setting.

import { isLoopback } from './model/network.ts';
import { sessionLimits } from './security/session-limits.ts';
import type { Setting } from './setting.ts';
import { environmentName, flagName, type SettingName, settings } from './settings.ts';

const minuteMs = 60_000;

type Settings = typeof settings;
export type Config = { readonly [N in SettingName]: Settings[N] extends Setting<infer T> ? T : never } & {
  /** The settings that were given as flags. */
  readonly flags: readonly SettingName[];
};

/** How this setting was given: --data-dir or MUSTER_DATA_DIR. Errors name a setting by it. */
export function givenName({ flags }: Pick<Config, 'flags'>, name: SettingName): string {
  return flags.includes(name) ? flagName(name) : environmentName(name);
}

export class ConfigError extends Error {}

/** Variables that begin with MUSTER_ but are not settings: probably typing errors. */
export function unknownVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set(Object.keys(settings).map(environmentName));
  return Object.keys(environment).filter((name) => name.startsWith('MUSTER_') && !known.has(name));
}

/** Two settings that name the database. If both are variables, or both have defaults, the URL decides. */
const databaseNames = ['dataDir', 'databaseUrl'] as const;

/** @returns the setting whose variable does not count, because the flag of the other one names the database */
function overruledByFlag(flags: Readonly<Record<string, string | undefined>>): SettingName | undefined {
  const isFlag = databaseNames.map((name) => flags[name] !== undefined);
  if (isFlag.every(Boolean))
    throw new ConfigError(
      `${databaseNames.map(flagName).join(' and ')} both name the database: give only one of them`,
    );
  return isFlag.some(Boolean) ? databaseNames[isFlag.indexOf(false)] : undefined;
}

/**
 * Reads all settings. A flag takes precedence over a variable, also if each names the database by another setting.
 * Variables that are no settings are ignored, because the environment is shared: see unknownVariables.
 * @param flags values by setting name
 * @throws ConfigError that names every invalid setting, and every flag that is no setting; it never contains the value of a secret
 */
export function readConfig(
  flags: Readonly<Record<string, string | undefined>>,
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  const names = Object.keys(settings) as SettingName[];
  const unknown = Object.keys(flags).filter((name) => !Object.hasOwn(settings, name));
  if (unknown.length > 0)
    throw new ConfigError(unknown.map((name) => `${flagName(name)} is not a setting`).join('\n'));
  const given = { flags: names.filter((name) => flags[name] !== undefined) };
  const config: Record<string, unknown> = given;
  const problems: string[] = [];
  const overruled = overruledByFlag(flags);
  for (const name of names) {
    const setting: Setting<unknown> = settings[name];
    const flag = flags[name];
    const text = flag ?? (name === overruled ? undefined : environment[environmentName(name)]);
    if (text === undefined || (text === '' && flag === undefined)) {
      config[name] = setting.default;
      continue;
    }
    const read = setting.read(text);
    if (typeof read === 'string')
      problems.push(
        `${givenName(given, name)} ${read}${setting.secret ? '' : `, it is ${JSON.stringify(text)}`}`,
      );
    else config[name] = read.value;
  }
  if (problems.length === 0) problems.push(...contradictions(config as Config));
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return config as Config;
}

/** What is wrong with settings that are each valid. */
function contradictions(config: Config): string[] {
  return [...sessionContradictions(config), ...mailContradictions(config)];
}

function sessionContradictions(config: Config): string[] {
  const { idleMs, absoluteMs } = sessionLimits(config);
  if (config.sessionIdleMinutes === null || idleMs <= absoluteMs) return [];
  const [idle, absolute] = [givenName(config, 'sessionIdleMinutes'), absoluteMs / minuteMs];
  return [
    `${idle} is longer than a sign-in is valid in all, ${absolute} minutes, it is "${config.sessionIdleMinutes}"`,
  ];
}

function mailContradictions(config: Config): string[] {
  const { smtpHost, smtpSecurity } = config;
  const isGiven = (name: SettingName) => config[name] !== '';
  const needs = (name: SettingName, other: SettingName, reason: string) =>
    isGiven(name) && !isGiven(other)
      ? [`${givenName(config, name)} requires ${environmentName(other)}: ${reason}`]
      : [];
  const bare = isGiven('smtpUser') && smtpSecurity === 'none' && !isLoopback(smtpHost);
  return [
    ...needs('smtpHost', 'publicUrl', 'links in mails begin with it, and never with the Host of a request'),
    ...needs('smtpHost', 'mailFrom', 'it is the sender of every mail'),
    ...(/^postgres/.test(config.databaseUrl)
      ? needs(
          'smtpHost',
          'linkSecret',
          'tokens in mails are derived from it, and it must not be in the database',
        )
      : []),
    ...needs('smtpUser', 'smtpPassword', 'the mail server expects both or neither'),
    ...needs('smtpPassword', 'smtpUser', 'the mail server expects both or neither'),
    ...needs('smtpUser', 'smtpHost', 'without it, no mail is sent'),
    ...(bare && isGiven('smtpHost')
      ? [
          `${givenName(config, 'smtpSecurity')} is none, so the password would go to ${smtpHost} unencrypted: use starttls or tls`,
        ]
      : []),
  ];
}
