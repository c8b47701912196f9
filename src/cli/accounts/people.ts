// The commands for people. They only read: members, users and invitations change people.

import type { Config } from '../../config.ts';
import { readId } from '../../model/id.ts';
import { equals, type Filter } from '../../model/query.ts';
import { type Zone, zone } from '../../model/zone.ts';
import { type Person, people } from '../../resources/people/people.ts';
import type { Store } from '../../store/store.ts';
import { CommandError, type OutputOptions, printRecord, time } from '../print.ts';
import { organizationOf } from './named-records.ts';
import { printRecords } from './print-records.ts';
import { shownAttributes } from './shown-attributes.ts';

export interface ListedPeople {
  /** An id; without it, people of all organizations. */
  readonly organization?: string;
  readonly limit: number;
}

export async function listPeopleCommand(
  store: Store,
  config: Config,
  { organization, limit }: ListedPeople,
  output: OutputOptions,
): Promise<void> {
  const timeZone = zone(config.timeZone);
  const filter: Filter | null =
    organization === undefined
      ? null
      : equals('organization_id', (await organizationOf(store.read, organization)).id);
  const summaryOf = (person: Person) => summary(person, timeZone);
  await printRecords(store, people, { filter, limit, what: 'people', summaryOf }, output);
}

export async function showPersonCommand(
  store: Store,
  config: Config,
  person: string,
  output: OutputOptions,
): Promise<void> {
  const id = readId(person);
  const found = id === null ? null : await store.read.records(people).find(id);
  if (found === null) throw new CommandError(`There is no person ${person}`);
  printRecord(shownAttributes(people, found, zone(config.timeZone)), output);
}

function summary(person: Person, timeZone: Zone) {
  const { id, organization_id, user_id, email, first_name, last_name, role } = person;
  return {
    id,
    organization_id,
    user_id,
    email,
    first_name,
    last_name,
    role,
    access_expires_at: time(person.access_expires_at, timeZone),
    joined_at: time(person.joined_at, timeZone),
    deactivated_at: time(person.deactivated_at, timeZone),
  };
}
