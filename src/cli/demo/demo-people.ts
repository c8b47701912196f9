// Realistic accounts and memberships, as records for the import. The same seed gives the same ones.

import type { Role } from '../../model/actor.ts';
import type { ImportedRecord } from '../../resources/users/import-users.ts';
import { companyWords, firstNames, lastNames, places, trades } from './demo-names.ts';

/** Somebody who leaves an organization after the import. */
export interface Leaver {
  readonly email: string;
  readonly organizationId: number;
  /** When they joined, in milliseconds since 1970. */
  readonly joinedAt: number;
}

export interface DemoPeople {
  readonly records: AsyncIterable<ImportedRecord>;
  /** Complete when the records are read. */
  readonly leavers: readonly Leaver[];
}

/** @param known names of the organizations that exist, by id: those of a demo with another seed may */
export function demoPeople(count: number, seed: number, known: ReadonlyMap<number, string>): DemoPeople {
  const leavers: Leaver[] = [];
  return { records: people(count, seed, known, leavers), leavers };
}

interface Company {
  readonly id: number;
  readonly name: string;
  readonly domain: string;
}

const firstOrganizationId = 1001;
const meanMembers = 40;
/** The first organization has somebody of every kind. */
const fewestInFirst = 8;

async function* people(
  count: number,
  seed: number,
  known: ReadonlyMap<number, string>,
  leavers: Leaver[],
): AsyncIterable<ImportedRecord> {
  const random = randomNumbers(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const taken = new Set<string>();
  let size = 0;
  let position = 0;
  let company: Company | null = null;
  let previous: Company | null = null;
  let place = pick(places);
  for (let line = 1; line <= count; line++) {
    if (position === size) {
      previous = company;
      // Exponential distribution: many small organizations, few large ones.
      size = 1 + Math.floor(-Math.log(1 - random()) * meanMembers);
      if (previous === null) size = Math.max(size, fewestInFirst);
      position = 0;
      place = pick(places);
      company = newCompany(
        (previous?.id ?? firstOrganizationId - 1) + 1,
        pick(companyWords),
        pick(trades),
        known,
      );
      taken.clear();
    }
    const { id, name, domain } = company!;
    const firstName = pick(firstNames);
    const lastName = pick(lastNames);
    const consent = random() < 0.3;
    const createdAt = 1.5e12 + Math.floor(random() * 1e11);
    const belonging = belongingAt(position, random() < 0.05, createdAt);
    const email = freeAddress(taken, `${ascii(firstName)}.${ascii(lastName)}`, domain);
    const isInPrevious = position % 12 === 5 && previous !== null;
    const fields = {
      created_at: timeText(createdAt),
      email,
      first_name: firstName,
      last_name: lastName,
      time_zone: place.timeZone,
      locale: place.locale,
      newsletter_consent: consent,
      ...(consent && { newsletter_consent_at: timeText(1.6e12 + Math.floor(random() * 1e11)) }),
      default_organization_id: belonging.isDefault ? id : null,
      memberships: [
        {
          organization_id: id,
          organization_name: name,
          role: belonging.role,
          created_at: timeText(createdAt),
          expires_at: belonging.endsAt === null ? null : timeText(belonging.endsAt),
        },
        ...(isInPrevious ? [alsoIn(previous!, createdAt + yearMs)] : []),
      ],
    };
    // In every tenth organization, because each costs a transaction.
    if (position === 6 && (id - firstOrganizationId) % 10 === 0)
      leavers.push({ email, organizationId: id, joinedAt: createdAt });
    position++;
    yield { line, size: 0, fields: new Map(Object.entries(fields)) };
  }
}

function alsoIn({ id, name }: Company, joinedAt: number) {
  return { organization_id: id, organization_name: name, created_at: timeText(joinedAt) };
}

interface Belonging {
  readonly role: Role;
  readonly endsAt: number | null;
  readonly isDefault: boolean;
}

const yearMs = 365 * 24 * 60 * 60 * 1000;

/** The first account is the owner, the second an admin. Then come some with an end, and some without a default. */
function belongingAt(position: number, isAdmin: boolean, createdAt: number): Belonging {
  const role = position === 0 ? 'owner' : position === 1 || isAdmin ? 'admin' : 'member';
  const kind = position % 12;
  if (kind === 2) return { role, endsAt: createdAt + yearMs, isDefault: false };
  if (kind === 3) return { role, endsAt: Date.UTC(2099, 11, 31), isDefault: true };
  return { role, endsAt: null, isDefault: kind !== 4 };
}

function newCompany(id: number, word: string, trade: string, known: ReadonlyMap<number, string>): Company {
  const name = `${word} ${trade}`;
  const domain = `${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}-${id}.example`;
  return { id, name: known.get(id) ?? name, domain };
}

function timeText(epochMs: number): string {
  return new Date(epochMs).toISOString();
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
