// Creates a record, for a POST or a command.

import { ApiError, type ErrorObject } from '../../errors.ts';
import { type Attributes, readAttributes } from '../../jsonapi/read-document.ts';
import type { RecordOf, Resource, Row, ValuesOf } from '../../model/resource.ts';
import { UniqueViolation } from '../../store/errors.ts';
import type { Reads, Transaction } from '../../store/store.ts';
import { callerFactsOf, requireSameAudience } from '../access.ts';
import { type Call, collectionPath, type Services } from '../operation.ts';
import { newColumns } from './changed-columns.ts';
import type { Creation } from './create-once.ts';
import { asTakenIdentity, takenIdentities } from './identities.ts';
import { recordChange, showToAccount } from './record-change.ts';
import { brokenReferences, type FindsRecord, findsAll, findsVisible, locateErrors } from './references.ts';
import { recordReply } from './reply.ts';
import { type Insert, type WriteRules, type Writer, type WriteServices, writerOf } from './write-rules.ts';

/** The POST operation of a collection. */
export function creationOf<R extends Resource>(rules: WriteRules<R>): Creation<R> {
  const { resource, access, creation } = rules;
  const permit = async (
    services: Services,
    call: Call,
    reads: Reads = services.store.read,
  ): Promise<void> => {
    rules.requireMayCreate(call.actor, services);
    // The caller must be a member of the organization in X-Organization-Id.
    if (call.organizationId === null) return;
    await access.visible(
      services,
      call,
      reads,
      await callerFactsOf(access, call.actor, reads, services.clock()),
    );
  };
  return {
    resource,
    passwords: creation?.secrets ?? [],
    permit,
    create: (services, call, given, created) =>
      createRecord(rules, services, call, given.attributes, {
        around: {
          violations: given.violations,
          finds: findsVisible(services, call),
          before: (transaction) => permit(services, call, transaction),
          after: created,
        },
      }).catch((error) => {
        throw locateErrors(given, error);
      }),
    find: async (services, call, id) => {
      const { read } = services.store;
      const isSeen = await findsVisible(services, call)(access, read, id, true);
      return isSeen ? read.records(resource).find(id) : null;
    },
    hasPasswords: async (services, created, attributes) =>
      creation === undefined || creation.hasSecrets(services, created, attributes),
    reply: (services, call, record, selection) =>
      recordReply(access, services, call, record, selection, {
        location: `${call.baseUrl()}${collectionPath(resource)}/${record.id}`,
      }),
  };
}

/** What a request does before and after the insert, in the same transaction. */
export interface Around {
  /** Violations in the document itself. */
  readonly violations: readonly ErrorObject[];
  readonly finds: FindsRecord;
  /** Called before the transaction, once the values are accepted. @throws ApiError */
  accepted?(): Promise<void>;
  before(transaction: Transaction): Promise<void>;
  after(transaction: Transaction, id: number): Promise<void>;
}

export interface CreationOptions<R extends Resource> {
  /** Values that are not those of the writer, for example the organization in the path. */
  readonly fixed?: ValuesOf<R>;
  /** Absent for a command. */
  readonly around?: Around;
}

/**
 * @param attributes those of the definition, and those of `rules.creation`
 * @returns the new record
 * @throws ApiError
 */
export async function createRecord<R extends Resource>(
  rules: WriteRules<R>,
  services: WriteServices,
  writer: Writer,
  attributes: Attributes,
  { fixed, around }: CreationOptions<R> = {},
): Promise<RecordOf<R>> {
  const { resource, access } = rules;
  const { store, clock, accesses } = services;
  const { actor } = writer;
  const callerFacts = await callerFactsOf(access, actor, store.read, clock());
  const prepared = await prepareCreation(rules, services, writer, attributes, callerFacts);
  const { violations, finish } = prepared;
  const wanted = { ...prepared.wanted, ...fixed };
  const references = { resource, accesses, finds: around?.finds ?? findsAll };
  const audience = access.audienceOf(actor, null, undefined, callerFacts);
  const decide = async (reads: Reads): Promise<ValuesOf<R>> => {
    const taken = [
      ...(await takenIdentities(reads, resource, null, wanted)),
      ...(await brokenReferences(references, reads, null, wanted as Row)),
    ];
    const asked = { actor, audience, current: null, wanted, now: clock() };
    const decision = (await rules.decide?.(reads, asked)) ?? { values: wanted, violations: [] };
    const broken = [...(around?.violations ?? []), ...violations, ...taken, ...decision.violations];
    if (broken.length > 0) throw ApiError.of(broken);
    return decision.values;
  };
  // Decide before hashing, and again in the transaction: hashing takes long and occupies the queue, so requests that
  // will be refused should not reach it.
  await decide(store.read);
  await around?.accepted?.();
  const insert = await finish();

  const create = async (transaction: Transaction): Promise<RecordOf<R>> => {
    await around?.before(transaction);
    await requireSameAudience(access, actor, transaction, clock(), callerFacts);
    const values = await decide(transaction);
    const now = clock();
    const id = await insert(transaction, writer, values, now);
    await around?.after(transaction, id);
    const after = (await transaction.records(resource).find(id))!;
    await rules.alongside?.(services, transaction, writer, { before: null, after }, now);
    recordChange(transaction, writer, resource, { verb: 'create', before: null, after });
    if (rules.accountOf) showToAccount(transaction, writer, rules.accountOf(after));
    return after;
  };
  return writer.write(create, rules.locksToCreate?.(wanted)).catch(async (error) => {
    // Another write was faster. The decision finds what it wrote, and says so.
    if (error instanceof UniqueViolation) await decide(store.read);
    throw asTakenIdentity(resource, error);
  });
}

interface Prepared<R extends Resource> {
  readonly wanted: ValuesOf<R>;
  readonly violations: readonly ErrorObject[];
  finish(): Promise<Insert<R>>;
}

/** The part of the decision that does not depend on other rows. */
export async function prepareCreation<R extends Resource>(
  rules: WriteRules<R>,
  services: Pick<WriteServices, 'zone' | 'passwords' | 'passwordPolicy' | 'mail' | 'invitationDays'>,
  writer: Pick<Writer, 'actor' | 'baseUrl'>,
  attributes: Attributes,
  callerFacts?: unknown,
): Promise<Prepared<R>> {
  const { resource, creation } = rules;
  const { actor } = writer;
  const { values: wanted, violations } = readAttributes(attributes, resource, {
    action: 'create',
    by: writerOf(rules, actor, null, undefined, callerFacts),
    zone: services.zone,
    extra: creation?.extra(actor) ?? [],
  });
  const insert: Insert<R> = (transaction, _author, values, now) =>
    transaction.records(resource).insert(newColumns(resource, values, now));
  if (creation === undefined) return { wanted, violations, finish: async () => insert };
  const prepared = await creation.prepare(services, writer.baseUrl(), { values: wanted, attributes });
  return { wanted, violations: [...violations, ...prepared.violations], finish: prepared.finish };
}
