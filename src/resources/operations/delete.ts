// Deletes a record, for a DELETE or a command.

import { ApiError } from '../../errors.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import type { Resource } from '../../model/resource.ts';
import { callerFactsOf, requireSeen, requireVisible } from '../access.ts';
import type { WriteOperation } from '../operation.ts';
import { recordChange } from './record-change.ts';
import { requirePrecondition } from './reply.ts';
import type { Conditions } from './update.ts';
import type { WriteRules, Writer } from './write-rules.ts';

/** The DELETE operation of a record. */
export function deleteOperation<R extends Resource>(rules: WriteRules<R>): WriteOperation {
  const { resource, access } = rules;
  return async (services, call) => {
    const { id } = await requireVisible(access, services, call);
    rules.requireMayDelete(call.actor, id);
    const selection = readRecordQuery(call.query, resource, services.queries);
    await deleteRecord(rules, call, id, {
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
  writer: Writer,
  id: number,
  conditions: Pick<Conditions<R>, 'requireVisible' | 'requirePrecondition'> | null = null,
): Promise<void> {
  await writer.write(async (transaction) => {
    const records = transaction.records(rules.resource);
    const current = await records.findForUpdate(id);
    if (current === null) throw new ApiError('record_not_found');
    const { resource, access } = rules;
    const callerFacts = await callerFactsOf(access, writer.actor, transaction);
    await conditions?.requireVisible(transaction, callerFacts);
    const audience = access.audienceOf(writer.actor, id, current, callerFacts);
    rules.requireMayWrite?.(writer.actor, current, audience);
    await rules.requireDeletable?.(transaction, current);
    conditions?.requirePrecondition(current, callerFacts);
    await records.delete(id);
    recordChange(transaction, writer, resource, { verb: 'delete', before: current, after: null });
  });
}
