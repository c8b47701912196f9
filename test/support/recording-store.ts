// What the audit trail of a store holds, as events.

import type { AuditEvent } from '../../src/model/audit-event.ts';
import type { Query } from '../../src/model/query.ts';
import { type Event, events } from '../../src/resources/events/events.ts';
import type { Store } from '../../src/store/store.ts';

/** Changes are as in documents. */
export type RecordedEvent = AuditEvent & { readonly id: number };

const maxEvents = 10_000;

/** @returns a function that returns the events since its last call, the first time since this call */
export async function recordedSince(store: Store): Promise<() => Promise<RecordedEvent[]>> {
  let last = 0;
  const recorded = async () => {
    const records = store.read.records(events);
    const query: Query = {
      filter: { attribute: 'id', operator: 'gt', values: [last] },
      sort: [{ attribute: 'id', descending: false }],
      page: { by: 'cursor', after: null, size: maxEvents },
      fields: null,
    };
    const ids = (await records.page(query, null, null)).map(({ id }) => id);
    last = ids.at(-1) ?? last;
    return (await records.findMany(ids)).map(toEvent);
  };
  await recorded();
  return recorded;
}

function toEvent(row: Event): RecordedEvent {
  const { record, ...details } = JSON.parse(row.details);
  return {
    id: row.id,
    action: row.action,
    outcome: row.outcome,
    actor: { kind: row.actor_kind, userId: row.actor_id },
    record: record ? { type: record.type, id: Number(record.id) } : null,
    subjectId: row.subject_id,
    organizationId: row.organization_id,
    changes: JSON.parse(row.changes),
    details,
    origin:
      row.request_id === null
        ? null
        : { address: row.ip!, userAgent: row.user_agent, requestId: row.request_id },
  };
}
