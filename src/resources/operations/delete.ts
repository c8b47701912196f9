// Deletes a record, for a DELETE or a command.

import { ApiError } from '../../errors.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import type { RecordOf, Resource } from '../../model/resource.ts';
import type { Transaction } from '../../store/store.ts';
import { callerFactsOf, requireSeen, requireVisible } from '../access.ts';
import type { WriteOperation } from '../operation.ts';
import { recordChange } from './record-change.ts';
import { requirePrecondition } from './reply.ts';
import type { Conditions } from './update.ts';
import { locksOf, type WriteRules, type Writer, type WriteServices } from './write-rules.ts';

/** The DELETE operation of a record. */
export function deleteOperation<R extends Resource>(rules: WriteRules<R>): WriteOperation {
  const { resource, access } = rules;
  return async (services, call) => {
    const { id } = await requireVisible(access, services, call);
    rules.requireMayDelete(call.actor, id);
    const selection = readRecordQuery(call.query, resource, services.queries);
    await deleteRecord(rules, services, call, id, {
      requireVisible: (reads, callerFacts) => requireSeen(access, services, call, reads, callerFacts),
      requirePrecondition: (current, callerFacts) =>
        requirePrecondition(access, services, call, current, selection, callerFacts),
    });
    return { status: 204, body: null };
  };
}

/**
 * @param conditions null for a command
 * @throws ApiError
 */
export async function deleteRecord<R extends Resource>(
  rules: WriteRules<R>,
  services: WriteServices,
  caller: Writer,
  id: number,
  conditions: Pick<Conditions<R>, 'requireVisible' | 'requirePrecondition'> | null = null,
): Promise<void> {
  const { resource, access } = rules;
  const { store, clock } = services;
  const locks = await locksOf(rules, store.read, id);
  const writer: Writer = { ...caller, write: (work) => caller.write(work, locks) };
  const requireMay = async (transaction: Transaction, current: RecordOf<R> | null): Promise<RecordOf<R>> => {
    if (current === null) throw new ApiError('record_not_found');
    const callerFacts = await callerFactsOf(access, writer.actor, transaction, clock());
    await conditions?.requireVisible(transaction, callerFacts);
    const audience = access.audienceOf(writer.actor, id, current, callerFacts);
    rules.requireMayWrite?.(writer.actor, current, audience, 'delete');
    await rules.requireDeletable?.(transaction, current, writer.actor);
    conditions?.requirePrecondition(current, callerFacts);
    return current;
  };
  const emptied = await rules.emptyFirst?.(writer, id, clock, async (transaction) =>
    requireMay(transaction, await transaction.records(resource).find(id)),
  );
  await writer.write(async (transaction) => {
    const records = transaction.records(resource);
    const current = await requireMay(transaction, await records.findForUpdate(id));
    const details = (await rules.detailsOfDeletion?.(transaction, current, emptied ?? 0)) ?? {};
    await rules.alongside?.(services, transaction, writer, { before: current, after: null }, clock());
    await records.delete(id);
    recordChange(transaction, writer, resource, { verb: 'delete', before: current, after: null, details });
  });
}
