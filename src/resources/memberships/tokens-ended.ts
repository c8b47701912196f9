import type { AuditEvent } from '../../model/audit-event.ts';

/** Details of the end of a membership: how many tokens that were bound to it have ended with it, if any. */
export function tokensEnded(count: number | undefined): AuditEvent['details'] {
  return count === undefined ? {} : { tokens_ended: count };
}
