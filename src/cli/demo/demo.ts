// `muster demo`: creates realistic users and organizations. The same seed creates the same ones.

import type { Config } from '../../config.ts';
import { zone } from '../../model/zone.ts';
import { type ImportedRecord, importUsers } from '../../resources/users/import-users.ts';
import { passwordHasher } from '../../security/passwords.ts';
import type { Store } from '../../store/store.ts';
import { type OutputOptions, printRecord } from '../print.ts';
import { progressBar } from '../progress.ts';
import { companyWords, firstNames, lastNames, places, trades } from './demo-names.ts';

export async function demoCommand(
  store: Store,
  config: Config,
  { users: count, seed, json }: OutputOptions & { users: number; seed: number },
): Promise<void> {
  const progress = progressBar(count);
  // Organizations of an earlier demo with another seed may exist.
  const known = new Map((await store.read.organizations.list()).map(({ id, name }) => [id, name]));
  const counts = await importUsers(people(count, seed, known), {
    store,
    clock: Date.now,
    zone: zone(config.timeZone),
    passwords: passwordHasher(0),
    minPasswordLength: config.minPasswordLength,
    publicUrl: config.publicUrl,
    anyPassword: false,
    withPrivileges: false,
    organizationId: null,
    onRefused: (line, reason) => process.stderr.write(`person ${line}: ${reason}\n`),
    onBatch: ({ rows }) => progress.update(rows, rows),
  });
  progress.stop();
  printRecord({ users: counts.created, there_already: counts.existing }, { ...(json && { json }) });
}

/** The first id of an organization, above those that an operator has probably created. */
const firstOrganizationId = 1001;
const meanMembers = 40;

/** Realistic accounts as records for the import. The first account of each organization is its owner. */
async function* people(
  count: number,
  seed: number,
  known: ReadonlyMap<number, string>,
): AsyncIterable<ImportedRecord> {
  const random = randomNumbers(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const taken = new Set<string>();
  let organizationId = firstOrganizationId - 1;
  let left = 0;
  let company = { name: '', domain: '' };
  let place = pick(places);
  for (let line = 1; line <= count; line++) {
    const isFirst = left === 0;
    if (isFirst) {
      organizationId++;
      // Exponential distribution: many small organizations, few large ones.
      left = 1 + Math.floor(-Math.log(1 - random()) * meanMembers);
      place = pick(places);
      const name = `${pick(companyWords)} ${pick(trades)}`;
      company = {
        name,
        domain: `${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}-${organizationId}.example`,
      };
      taken.clear();
    }
    left--;
    const firstName = pick(firstNames);
    const lastName = pick(lastNames);
    const consent = random() < 0.3;
    const fields = {
      email: freeAddress(taken, `${ascii(firstName)}.${ascii(lastName)}`, company.domain),
      first_name: firstName,
      last_name: lastName,
      time_zone: place.timeZone,
      locale: place.locale,
      newsletter_consent: consent,
      ...(consent && {
        newsletter_consent_at: new Date(1.6e12 + Math.floor(random() * 1e11)).toISOString(),
      }),
      default_organization_id: organizationId,
      memberships: [
        {
          organization_id: organizationId,
          organization_name: known.get(organizationId) ?? company.name,
          role: isFirst ? 'owner' : random() < 0.05 ? 'admin' : 'member',
        },
      ],
    };
    yield { line, size: 0, fields: new Map(Object.entries(fields)) };
  }
}

function freeAddress(taken: Set<string>, name: string, domain: string): string {
  let address = name;
  for (let n = 2; taken.has(address); n++) address = `${name}${n}`;
  taken.add(address);
  return `${address}@${domain}`;
}

function ascii(name: string): string {
  return name
    .normalize('NFD')
    .replaceAll(/[^A-Za-z]/g, '')
    .toLowerCase();
}

/** Mulberry32 by Tommy Ettinger: a pseudorandom generator with 32 bits of state. Not for secrets. */
function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
