// Updates a record, for a PATCH or a command. It changes only the given attributes: all of them or, after an error,
// none.

import { ApiError, type ErrorObject } from '../../errors.ts';
import {
  type AttributeChanges,
  type Attributes,
  readAttributes,
  readRecord,
} from '../../jsonapi/read-document.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import type { Awaitable } from '../../model/awaitable.ts';
import {
  hasRelationships,
  type RecordOf,
  type Resource,
  type Row,
  type ValuesOf,
} from '../../model/resource.ts';
import type { Reads, Transaction } from '../../store/store.ts';
import { callerFactsOf, requireSeen, requireVisible } from '../access.ts';
import type { WriteOperation } from '../operation.ts';
import { changedColumns } from './changed-columns.ts';
import { asTakenIdentity, identitiesOf, takenIdentities } from './identities.ts';
import { changeEvent, type RecordChange, recordChange, showToAccount } from './record-change.ts';
import {
  brokenReferences,
  type FindsRecord,
  findsAll,
  findsVisible,
  locateErrors,
  referencesOf,
} from './references.ts';
import { recordReply, requirePrecondition } from './reply.ts';
import {
  type Asked,
  type Decision,
  locksOf,
  type WriteRules,
  type Writer,
  type WriteServices,
  writerOf,
} from './write-rules.ts';

/** The PATCH operation of a record. */
export function updateOperation<R extends Resource>(rules: WriteRules<R>): WriteOperation {
  const { resource, access } = rules;
  return async (services, call) => {
    const { id } = await requireVisible(access, services, call);
    rules.requireMayUpdate(call.actor, id);
    const selection = readRecordQuery(call.query, resource, services.queries);
    const given = readRecord(call.body, resource, id);
    const record = await updateRecord(rules, services, call, id, given.attributes, {
      violations: given.violations,
      finds: findsVisible(services, call),
      areOfOthers: call.organizationId !== null || !access.seesAnyway(call.actor, id),
      requireVisible: (reads, callerFacts) => requireSeen(access, services, call, reads, callerFacts),
      requirePrecondition: (current, callerFacts) =>
        requirePrecondition(access, services, call, current, selection, callerFacts),
    }).catch((error) => {
      throw locateErrors(given, error);
    });
    const meta = rules.metaOfUpdate === undefined ? null : await rules.metaOfUpdate(given.attributes);
    return recordReply(access, services, call, record, selection, { meta });
  };
}

/** Conditions of a request, checked when the record is changed. */
export interface Conditions<R extends Resource> {
  /** Violations in the document itself. */
  readonly violations: readonly ErrorObject[];
  readonly finds: FindsRecord;
  /** Whether visibility depends on rows other than the caller's and the record's, for example on memberships. */
  readonly areOfOthers: boolean;
  requireVisible(reads: Reads, callerFacts: unknown): Awaitable<unknown>;
  requirePrecondition(current: RecordOf<R>, callerFacts: unknown): void;
}

/**
 * Uses a single conditional statement if the decision depends on the record alone, else a transaction that locks the
 * record. A command always uses a transaction.
 * @param conditions null for a command
 * @returns the record after the update
 * @throws ApiError
 */
export async function updateRecord<R extends Resource>(
  rules: WriteRules<R>,
  services: WriteServices,
  writer: Writer,
  id: number,
  attributes: Attributes,
  conditions: Conditions<R> | null = null,
): Promise<RecordOf<R>> {
  const { resource, access } = rules;
  const { store, clock, zone, accesses } = services;
  const { actor } = writer;
  const references = { resource, accesses, finds: conditions?.finds ?? findsAll };
  const readBy = (record?: RecordOf<R>, callerFacts?: unknown) =>
    readAttributes(attributes, resource, {
      action: 'update',
      by: writerOf(rules, actor, id, record, callerFacts),
      zone,
    });
  // Read once, unless the actor's audiences depend on the record or on other tables.
  const decidesAlone = resource.audiencesBy === undefined && access.callerFacts === undefined;
  const known = decidesAlone ? readBy() : null;

  /** Violations of the last decision. */
  let violations: readonly ErrorObject[] = [];
  const decide = async (reads: Reads, current: RecordOf<R> | null): Promise<ValuesOf<R> | null> => {
    violations = [];
    if (current === null) throw new ApiError('record_not_found');
    const callerFacts = await callerFactsOf(access, actor, reads, clock());
    await conditions?.requireVisible(reads, callerFacts);
    const audience = access.audienceOf(actor, id, current, callerFacts);
    rules.requireMayWrite?.(actor, current, audience, 'update');
    const requested = known ?? readBy(current, callerFacts);
    const asked = { actor, audience, current, wanted: requested.values, now: clock() };
    const decision = await decideUpdate(rules, reads, requested, asked);
    const broken = hasRelationships(resource)
      ? await brokenReferences(references, reads, current as Row, requested.values as Row)
      : [];
    violations = [...(conditions?.violations ?? []), ...decision.violations, ...broken];
    if (violations.length > 0) throw ApiError.of(violations);
    // RFC 9110 section 13.2.1: a precondition is evaluated only if the request would succeed without it.
    conditions?.requirePrecondition(current, callerFacts);
    return Object.keys(decision.values).length === 0 ? null : decision.values;
  };
  const updated = (before: RecordOf<R>, after: RecordOf<R>): RecordChange<R> => ({
    verb: 'update',
    before,
    after,
  });

  if (rules.limitUpdate !== undefined) await rules.limitUpdate(known?.values ?? readBy().values);
  const areOfOthers = conditions?.areOfOthers !== false || access.callerFacts !== undefined;
  if (!areOfOthers && !dependsOnOthers(rules, known?.values ?? attributes))
    return writer.changeRecord(
      resource,
      id,
      (current) => decide(store.read, current),
      (before, after) => changeEvent(writer, resource, updated(before, after)),
    );

  const changeHeld = async (transaction: Transaction): Promise<RecordOf<R> | ApiError> => {
    const records = transaction.records(resource);
    const current = await records.findForUpdate(id);
    const change = async (): Promise<RecordOf<R>> => {
      const changes = await decide(transaction, current);
      if (changes === null) return current!;
      const after = await records.update(id, changes);
      await rules.alongside?.(services, transaction, writer, { before: current, after }, clock());
      recordChange(transaction, writer, resource, updated(current!, after));
      if (rules.accountOf) showToAccount(transaction, writer, rules.accountOf(after));
      return after;
    };
    if (current === null || rules.slowUpdate === undefined) return change();
    const callerFacts = await callerFactsOf(access, actor, transaction, clock());
    const audience = access.audienceOf(actor, id, current, callerFacts);
    const { values: wanted } = known ?? readBy(current, callerFacts);
    const asked = { actor, audience, current, wanted, now: clock() };
    return rules.slowUpdate(transaction, asked, change, () => violations);
  };
  const locks = await locksOf(rules, store.read, id);
  const record = await writer.write(changeHeld, locks).catch((error) => {
    throw asTakenIdentity(resource, error);
  });
  if (record instanceof ApiError) throw record;
  return record;
}

/** @returns the columns to change (empty if nothing changes), and the violations */
async function decideUpdate<R extends Resource>(
  rules: WriteRules<R>,
  reads: Reads,
  requested: AttributeChanges<ValuesOf<R>>,
  asked: Asked<R> & { readonly current: RecordOf<R> },
): Promise<Decision<R>> {
  const { resource } = rules;
  const { current, wanted, now } = asked;
  const broken = brokenByChanges(resource, requested, current);
  const taken = await takenIdentities(reads, resource, current, wanted);
  const { values, violations } = (await rules.decide?.(reads, asked)) ?? { values: wanted, violations: [] };
  return {
    values: changedColumns(resource, current, values, now),
    violations: [...broken, ...taken, ...violations],
  };
}

/**
 * Drops violations of values that do not change. A stored email or name may be older than a rule, and clients often
 * send the whole resource back.
 */
function brokenByChanges<R extends Resource>(
  { attributes }: R,
  { violations, given }: AttributeChanges<ValuesOf<R>>,
  current: RecordOf<R>,
): readonly ErrorObject[] {
  const isKept = (name: string) =>
    Object.hasOwn(attributes, name) &&
    attributes[name]!.kind.folded !== undefined &&
    given[name] === (current as Row)[name];
  return violations.filter(({ source }) => !isKept(source.pointer?.split('/').at(-1) ?? ''));
}

/**
 * Whether the decision depends on other rows, so that it needs a transaction: these must not change before the write.
 */
function dependsOnOthers<R extends Resource>(
  { resource, decidedByOthers = [] }: WriteRules<R>,
  wanted: Readonly<Record<string, unknown>>,
): boolean {
  const isWanted = (name: string) => wanted[name] !== undefined;
  return [identitiesOf(resource), referencesOf(resource), decidedByOthers].some((names) =>
    names.some(isWanted),
  );
}
