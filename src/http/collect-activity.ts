// Every request with a valid token is activity, whatever its answer.

import type { FastifyRequest } from 'fastify';
import { readId } from '../model/id.ts';
import type { Services } from '../resources/operation.ts';
import type { Authenticated } from './authenticate.ts';
import type { ClientAddress } from './client-address.ts';

export type CollectActivity = (request: FastifyRequest, authenticated: Authenticated) => void;

export function activityFromRequests(
  { activity, clock }: Services,
  clientAddress: ClientAddress,
): CollectActivity {
  return ({ raw, headers }, { actor, presented }) => {
    const now = clock();
    const header = headers['x-organization-id'];
    const isNamed = header !== undefined && header !== '';
    const organizationId = actor.organizationId ?? (isNamed ? readId(String(header)) : null);
    for (const session of presented) {
      if (activity.isDue(session, now)) activity.addSession(session, now, clientAddress(raw));
      // A header that is not an id names no organization in which the account could be somebody.
      if (organizationId !== null || !isNamed) activity.addPerson(session, organizationId, now);
    }
  };
}
