// Serves every POST that creates a record: check the permission, read, create, reply. With an Idempotency-Key, a
// retry of the request creates nothing: the transaction that creates the record also stores the key, and a retry gets
// this record as the response (draft-ietf-httpapi-idempotency-key-header).

import { createHmac, hash } from 'node:crypto';
import { ApiError } from '../../errors.ts';
import { type Attributes, type GivenRecord, readRecord } from '../../jsonapi/read-document.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import type { Selection } from '../../jsonapi/read-selection.ts';
import type { Awaitable } from '../../model/awaitable.ts';
import type { RecordOf, Resource } from '../../model/resource.ts';
import type { Created, IdempotencyKey } from '../../store/accounts.ts';
import { CallerChanged, StoreUnavailable } from '../../store/errors.ts';
import type { Reads, Transaction } from '../../store/store.ts';
import type { Call, Reply, Services, WriteCall, WriteOperation } from '../operation.ts';

export interface Creation<R extends Resource = Resource> {
  readonly resource: R;
  /** Attributes that are never part of the digest of the body; `hasPasswords` compares them. */
  readonly passwords: readonly string[];
  /**
   * Called before, and again in the transaction that creates the record.
   * @throws ApiError if the caller may not create records
   */
  permit(services: Services, call: Call, reads?: Reads): Awaitable<void>;
  /**
   * Checks, decides and writes.
   * @param created must be called at the end of the transaction that creates the record
   */
  create(services: Services, call: WriteCall, given: GivenRecord, created: WhenCreated): Promise<RecordOf<R>>;
  /** The record for the response to a retry; null if it is gone, or the caller does not see it any more. */
  find(services: Services, call: Call, id: number): Awaitable<RecordOf<R> | null>;
  /** Whether the passwords of a retry are those of the first request. True if this can no longer be checked. */
  hasPasswords(services: Services, created: Created, attributes: Attributes): Promise<boolean>;
  /** The response: 201 with a Location header. */
  reply(services: Services, call: Call, record: RecordOf<R>, selection: Selection): Awaitable<Reply>;
}

export type WhenCreated = (transaction: Transaction, id: number) => Promise<void>;

/** How long an Idempotency-Key is stored. */
export const keyLifetimeMs = 24 * 3_600_000;

/** @param path path of the route, with parameter names in braces */
export function createOnce<R extends Resource>(path: string, creation: Creation<R>): WriteOperation {
  const { resource } = creation;
  const inProgress = new Set<string>();

  return async (services, call) => {
    const { store, clock } = services;
    await creation.permit(services, call);
    const selection = readRecordQuery(call.query, resource, services.queries);
    const given = readRecord(call.body, resource, null);
    const { attributes } = given;
    if (call.idempotencyKey === null) {
      const row = await creation.create(services, call, given, async () => {});
      return creation.reply(services, call, row, selection);
    }

    const key: IdempotencyKey = {
      userId: call.actor.userId,
      route: `POST ${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(call.ids[name]))}`,
      keyHash: hash('sha256', call.idempotencyKey, 'base64url'),
    };
    const bodyDigest = digest(call.idempotencyKey, attributes, creation.passwords);
    const replay = async (): Promise<Reply | null> => {
      const created = await store.read.idempotencyKeys.find(key, clock() - keyLifetimeMs);
      if (created === null) return null;
      if (created.bodyDigest !== bodyDigest) throw reused('The body');
      if (!(await creation.hasPasswords(services, created, attributes))) throw reused('The password');
      const row = await creation.find(services, call, created.createdId);
      if (row === null) throw goneSince();
      return creation.reply(services, call, row, selection);
    };
    const created: WhenCreated = async (transaction, createdId) => {
      const createdAt = clock();
      const first = await transaction.idempotencyKeys.keep(
        key,
        { bodyDigest, createdId, createdAt },
        createdAt - keyLifetimeMs,
      );
      // Another process was faster. Throwing rolls the transaction back.
      if (!first) throw inProgressElsewhere();
    };

    const known = await replay();
    if (known !== null) return known;
    const name = JSON.stringify(key);
    if (inProgress.has(name)) throw inProgressElsewhere();
    inProgress.add(name);
    try {
      const row = await creation.create(services, call, given, created);
      return creation.reply(services, call, row, selection);
    } catch (error) {
      // What failed may have failed because the same request succeeded in another process, such as a unique email.
      const isTheirs = !(error instanceof StoreUnavailable || error instanceof CallerChanged);
      const theirs = isTheirs ? await replay() : null;
      if (theirs === null) throw error;
      return theirs;
    } finally {
      inProgress.delete(name);
    }
  };
}

/**
 * HMAC-SHA-256 of the attributes in a body, without passwords. Its key is the client's Idempotency-Key, which is
 * stored only as a hash. So nobody can guess the body from the database.
 */
function digest(key: string, attributes: Attributes, passwords: readonly string[]): string {
  const digested = Object.entries(attributes).map(([name, value]) => [
    name,
    passwords.includes(name) ? typeof value : value,
  ]);
  return createHmac('sha256', key)
    .update(canonicalJson(Object.fromEntries(digested)))
    .digest('base64url');
}

/** JSON with sorted members and no white space: the same text for equal values. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null || JSON.isRawJSON(value)) return JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

function reused(what: string): ApiError {
  return new ApiError('idempotency_key_reused', {
    detail: `${what} differs from the first request with this Idempotency-Key: send the same request again, or use a new key`,
  });
}

function inProgressElsewhere(): ApiError {
  return new ApiError('resource_conflict', {
    detail: 'A request with this Idempotency-Key is in progress; try again when it has finished',
    headers: { 'Retry-After': '1' },
  });
}

function goneSince(): ApiError {
  return new ApiError('record_not_found', {
    detail:
      'The record that was created with this Idempotency-Key has been deleted, or you do not see it any more: use a new key to create another one',
  });
}
