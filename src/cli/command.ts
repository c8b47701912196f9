// What the commands have in common: settings as flags, and a database that is opened before and closed after.

import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type Config,
  defaultText,
  environmentName,
  flagName,
  readConfig,
  type SettingName,
  settings,
} from '../config.ts';
import { roles } from '../model/actor.ts';
import { readTimestamp } from '../model/timestamp.ts';
import { zone } from '../model/zone.ts';
import { type Absent, openExistingStore } from '../open-store.ts';
import type { Store } from '../store/store.ts';

type Flags = Record<string, string | undefined>;

export const allSettings = Object.keys(settings) as SettingName[];
const databaseSettings: readonly SettingName[] = ['dataDir', 'databaseUrl'];

/** A command that reads settings, from flags of its own and from the environment. */
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

/** A command that works on a database file or server without opening it as a store. */
export function onDatabase<A extends unknown[]>(
  command: Command,
  work: (config: Config, ...rest: A) => Promise<void>,
): void {
  withSettings(command, databaseSettings, work);
}

/** A command that opens the store, which must be there, does its work and closes it. */
export function onStore<A extends unknown[]>(
  command: Command,
  work: (store: Store, config: Config, ...rest: A) => Promise<void>,
): void {
  onDatabase(command, (config, ...rest: A) => withStore(config, 'refuse', work, rest));
}

/**
 * The same; `--create` makes a database where there is none.
 * @param check refuses wrong arguments before anything is made
 */
export function onNewStore<A extends unknown[]>(
  command: Command,
  work: (store: Store, config: Config, ...rest: A) => Promise<void>,
  check: (...rest: A) => Promise<void> = async () => {},
): void {
  command.option('--create', 'make the database if there is none');
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
  new Option('--limit <n>', 'at most so many').argParser(positiveInteger).default(1000);
export const roleOption = () =>
  new Option('--role <role>', 'what the member may do').choices(roles).default('member');
export const formatOption = () =>
  new Option('--format <format>', 'of the file; by default what its name says').choices(['csv', 'ndjson']);

export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new InvalidArgumentError('must be a whole number of 1 or more, below a billion');
  return Number(text);
}

export function moment(text: string): number {
  const interval = readTimestamp(text, zone('UTC'));
  if (interval === undefined) throw new InvalidArgumentError('must be a date or a time, ISO 8601');
  return interval.from;
}
