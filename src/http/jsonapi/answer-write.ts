// The rights of the caller are read before the body arrives, and may change in between. A write uses the rights that are
// valid when it commits.

import type { FastifyRequest } from 'fastify';
import { ApiError } from '../../errors.ts';
import type { Call, Reply, Services, WriteCall, WriteOperation } from '../../resources/operation.ts';
import { CallerChanged } from '../../store/errors.ts';
import { haveSameRights, type Writes } from '../../store/store.ts';
import { authenticate } from '../authenticate.ts';

/** 503 if the rights change this often during one request. */
const maxAttempts = 4;

/**
 * Calls the operation. The store checks the caller's rights in the transaction that writes. If that check fails
 * (CallerChanged), or if the operation has written nothing, the caller is authenticated again. If the rights have changed,
 * the operation is called again with the new ones.
 * @param read turns the request into a call, with the rights of the last authentication
 * @param changesItself see Caller
 * @throws ApiError, for example invalid_auth_token if a token was revoked meanwhile
 */
export async function answerWrite(
  services: Services,
  request: FastifyRequest,
  operation: WriteOperation,
  read: () => Call,
  changesItself: boolean,
): Promise<Reply> {
  const { store, clock, sessionLimits } = services;
  const { idleMs } = sessionLimits;
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const { presented, named } = request.authenticated!;
    const { writes, hasWritten } = watched(
      store.writesAs({ presented, clock, idleMs, target: named, changesItself }),
    );
    const call: WriteCall = { ...read(), ...writes };
    const answer = await operation(services, call).catch((error: unknown) => {
      if (error instanceof ApiError || error instanceof CallerChanged) return error;
      throw error;
    });
    if (!(answer instanceof Error) && hasWritten()) return answer;
    const current = await authenticate(request, services, named);
    const isUnchanged = haveSameRights(presented.at(-1)!, current.presented.at(-1)!);
    if (isUnchanged && answer instanceof ApiError) throw answer;
    if (isUnchanged && !(answer instanceof Error)) return answer;
    request.authenticated = { ...current, named };
  }
  throw new ApiError('service_unavailable');
}

/** The same writes, and whether any of them was committed. */
function watched(writes: Writes): { writes: Writes; hasWritten: () => boolean } {
  let written = false;
  const markWritten = <T>(value: T): T => {
    written = true;
    return value;
  };
  return {
    writes: {
      write: (...write) => writes.write(...write).then(markWritten),
      changeRecord: (...change) => writes.changeRecord(...change).then(markWritten),
    },
    hasWritten: () => written,
  };
}
