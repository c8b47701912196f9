// Events as rows of the audit trail.

import type { AttributeChange } from '../../model/audit-event.ts';
import type { Stored } from '../../model/kind.ts';
import type { Resource, Row } from '../../model/resource.ts';
import type { Zone } from '../../model/zone.ts';
import type { Trail } from '../../store/store.ts';
import { events } from './events.ts';

/** Clients choose the User-Agent. */
const maxUserAgent = 500;

/** In the place of both values of a secret, also where there was none: whether there was one is part of the secret. */
const hidden = 'changed';

/**
 * @param resources of the records that events name
 * @param zone of times in changes
 */
export function trailOf(resources: readonly Resource[], zone: Zone): Trail {
  const byType = new Map(resources.map((resource) => [resource.type, resource]));

  function write(resource: Resource | undefined, attribute: string, value: Stored): string {
    const kind = resource?.attributes[attribute]?.kind;
    return value === null || kind === undefined ? JSON.stringify(value) : kind.write(value, zone);
  }

  function writeChange(resource: Resource | undefined, change: AttributeChange): string {
    const { attribute } = change;
    if ('changed' in change) return JSON.stringify({ attribute, from: hidden, to: hidden });
    const { from, to } = change;
    const [before, after] = [from, to].map((value) => write(resource, attribute, value));
    return `{"attribute":"${attribute}","from":${before},"to":${after}}`;
  }

  return {
    resource: events,
    rowOf({ action, outcome, actor, record, subjectId, organizationId, changes, details, origin }): Row {
      const resource = record === null ? undefined : byType.get(record.type);
      return {
        action,
        outcome,
        actor_kind: actor.kind,
        ip: origin?.address ?? null,
        user_agent: origin?.userAgent?.slice(0, maxUserAgent) ?? null,
        request_id: origin?.requestId ?? null,
        changes: `[${changes.map((change) => writeChange(resource, change)).join()}]`,
        details: JSON.stringify({
          ...(record && { record: { ...record, id: String(record.id) } }),
          ...details,
        }),
        actor_id: actor.userId,
        subject_id: subjectId,
        organization_id: organizationId,
      };
    },
  };
}
