// Answers with a report, see model/report.ts, and the GET operation of one about a record.

import { hash } from 'node:crypto';
import { ApiError } from '../../errors.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import type { Selection } from '../../jsonapi/read-selection.ts';
import { type Meta, recordDocument, reportWriter } from '../../jsonapi/write-document.ts';
import type { Report, ReportOf } from '../../model/report.ts';
import type { RecordOf, Resource, Row } from '../../model/resource.ts';
import { type Access, requireVisible } from '../access.ts';
import type { Call, OpenCall, Operation, Reply, Services } from '../operation.ts';
import { unchanged } from './reply.ts';

/**
 * @param requireMay throws an ApiError if the caller, who sees the record, may not read the report
 * @param computed the values of the report
 */
export function reportOperation<R extends Resource, P extends Report>(
  access: Access,
  resource: R,
  report: P,
  requireMay: (call: Call, id: number) => void,
  computed: (services: Services, record: RecordOf<R>) => Promise<Omit<ReportOf<P>, 'id'>>,
): Operation {
  return async (services, call) => {
    const { id } = await requireVisible(access, services, call);
    requireMay(call, id);
    const selection = readRecordQuery(call.query, report, services.queries);
    const record = await services.store.read.records(resource).find(id);
    if (record === null) throw new ApiError('record_not_found');
    return reportReply(services, call, report, selection, { ...(await computed(services, record)), id });
  };
}

/** The ETag is a digest of the body, because a report has no revision. No cache may store a token. */
export function reportReply<P extends Report>(
  { zone }: Pick<Services, 'zone'>,
  call: Pick<OpenCall, 'precondition'>,
  report: P,
  { fields, includes }: Selection,
  values: Omit<ReportOf<P>, 'id'> & { readonly id: number | string },
  meta: Meta | null = null,
): Reply {
  const written = reportWriter(report, fields, zone)(values as unknown as Row);
  const body = recordDocument(written, includes === null ? null : [], meta);
  const etag = `"${hash('sha256', body, 'base64url').slice(0, 24)}"`;
  const headers = report.hasTokenAsId && { headers: { 'cache-control': 'no-store' } };
  return { ...(unchanged(call, etag) ?? { status: 200, body, etag }), ...headers };
}
