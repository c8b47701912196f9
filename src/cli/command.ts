// What commands share: settings as flags, a database that is opened before and closed after, and common options.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Config, readConfig, unknownVariables } from '../config.ts';
import { roles } from '../model/actor.ts';
import { isEmail } from '../model/mailbox.ts';
import { type Absent, openExistingStore } from '../open-store.ts';
import { defaultText, environmentName, flagName, type SettingName, settings } from '../settings.ts';
import type { Store } from '../store/store.ts';

type Flags = Record<string, string | undefined>;

export const allSettings = Object.keys(settings) as SettingName[];
const databaseSettings: readonly SettingName[] = ['dataDir', 'databaseUrl'];

/** Gives a command flags for these settings. It reads them from the flags and the environment. */
export function withSettings<A extends unknown[]>(
  command: Command,
  names: readonly SettingName[],
  work: (config: Config, ...rest: A) => Promise<void>,
): void {
  for (const name of names) {
    const { description, unit } = settings[name] as { description: string; unit?: string };
    const details = [`default: ${defaultText(name)}`, ...(unit ? [unit] : []), environmentName(name)];
    command.addOption(new Option(`${flagName(name)} <value>`, `${description} (${details.join('; ')})`));
  }
  command.action(async (...args: unknown[]) => {
    const flags = command.opts<Flags>();
    const config = readConfig(Object.fromEntries(names.map((name) => [name, flags[name]])), process.env);
    // Commander passes the arguments, then the options, then the command.
    await work(config, ...(args.slice(0, -1) as A));
  });
}

/**
 * For a command that needs the database settings, and maybe `further` ones as flags, but does not open a store. It warns of variables that are probably
 * typing errors, such as a mistyped name of the database; `serve` and `check` do so in their own way.
 */
export function onDatabase<A extends unknown[]>(
  command: Command,
  work: (config: Config, ...rest: A) => Promise<void>,
  further: readonly SettingName[] = [],
): void {
  withSettings(command, [...databaseSettings, ...further], async (config, ...rest: A) => {
    for (const name of unknownVariables(process.env))
      process.stderr.write(`muster: warning: ${name} is not a setting and is ignored\n`);
    await work(config, ...rest);
  });
}

/** For a command that works on an existing database. Opens the store, runs `work`, and closes the store. */
export function onStore<A extends unknown[]>(
  command: Command,
  work: (store: Store, config: Config, ...rest: A) => Promise<void>,
  further: readonly SettingName[] = [],
): void {
  onDatabase(command, (config, ...rest: A) => withStore(config, 'refuse', work, rest), further);
}

/**
 * Like `onStore`, but with the option --create, which creates the database if there is none.
 * @param check throws if an argument is not valid, before a database is created
 */
export function onNewStore<A extends unknown[]>(
  command: Command,
  work: (store: Store, config: Config, ...rest: A) => Promise<void>,
  check: (...rest: A) => Promise<void> = async () => {},
): void {
  command.option('--create', 'create the database if there is none');
  onDatabase(command, async (config, ...rest: A) => {
    await check(...rest);
    const { create } = command.opts<{ create?: boolean }>();
    return withStore(config, create ? 'create' : 'needs --create', work, rest);
  });
}

async function withStore<A extends unknown[]>(
  config: Config,
  absent: Absent,
  work: (store: Store, config: Config, ...rest: A) => Promise<void>,
  rest: A,
): Promise<void> {
  const store = await openExistingStore(config, absent);
  try {
    await work(store, config, ...rest);
  } finally {
    await store.close();
  }
}

export const jsonOption = () => new Option('--json', 'print JSON');
export const limitOption = () =>
  new Option('--limit <n>', 'maximum number to show').argParser(positiveInteger).default(1000);
export const roleOption = () =>
  new Option('--role <role>', 'role in the organization').choices(roles).default('member');
export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new InvalidArgumentError('must be a whole number from 1 to 999999999');
  return Number(text);
}

export function emailAddress(text: string): string {
  if (!isEmail(text)) throw new InvalidArgumentError('must be an email');
  return text;
}
