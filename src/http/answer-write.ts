// The rights of a caller were read before the body arrived. An answer to a write must be one of the rights as they are.

import type { FastifyRequest } from 'fastify';
import { ApiError } from '../errors.ts';
import type { Call, Reply, Services, WriteCall, WriteOperation } from '../resources/call.ts';
import { CallerChanged, haveSameRights, type Writes } from '../store/store.ts';
import { authenticate } from './authenticate.ts';

/** Limit for rights that keep changing. */
const maxAttempts = 4;

/**
 * Calls the operation. The store writes only while the caller's rights hold. Where it refuses to (CallerChanged), or where
 * the answer was made without a write, the caller is authenticated again; if the rights are others now, the operation is
 * called again with those.
 * @param read the request as a call, with the rights as they are known
 * @throws ApiError; invalid_auth_token where a token has ended meanwhile
 */
export async function answerWrite(
  services: Services,
  request: FastifyRequest,
  operation: WriteOperation,
  read: () => Call,
): Promise<Reply> {
  const { store, clock } = services;
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const { presented, id } = request.authenticated!;
    const { writes, hasWritten } = watched(store.writesAs({ presented, clock, targetId: id }));
    const call: WriteCall = { ...read(), ...writes };
    const answer = await operation(services, call).catch((error: unknown) => {
      if (error instanceof ApiError || error instanceof CallerChanged) return error;
      throw error;
    });
    if (!(answer instanceof Error) && hasWritten()) return answer;
    const current = await authenticate(request, store, clock, id);
    const isUnchanged = haveSameRights(presented.at(-1)!, current.presented.at(-1)!);
    if (isUnchanged && answer instanceof ApiError) throw answer;
    if (isUnchanged && !(answer instanceof Error)) return answer;
    request.authenticated = { ...current, id };
  }
  throw new ApiError('service_unavailable', { headers: { 'Retry-After': '1' } });
}

function watched(writes: Writes): { writes: Writes; hasWritten: () => boolean } {
  let written = false;
  const noted = <T>(value: T): T => {
    written = true;
    return value;
  };
  return {
    writes: {
      write: (work) => writes.write(work).then(noted),
      changeUser: (id, decide) => writes.changeUser(id, decide).then(noted),
    },
    hasWritten: () => written,
  };
}
