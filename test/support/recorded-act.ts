import type { AuditEvent } from '../../src/model/audit-event.ts';

/** An event of an operator's change of a user. */
export function recordedAct(action: string, userId: number, changes: AuditEvent['changes'] = []): AuditEvent {
  return {
    action,
    outcome: 'success',
    actor: { kind: 'operator', userId: null },
    record: { type: 'users', id: userId },
    subjectId: userId,
    organizationId: null,
    changes,
    details: {},
    origin: null,
  };
}
