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

/** The values of a report. The id may be a token. */
export type ReportValues<P extends Report> = Omit<ReportOf<P>, 'id'> & { readonly id: number | string };

/** No cache may store a token. */
export function reportReply<P extends Report>(
  services: Pick<Services, 'zone'>,
  call: Pick<OpenCall, 'precondition'>,
  report: P,
  selection: Selection,
  values: ReportValues<P>,
  meta: Meta | null = null,
): Reply {
  const { body, etag } = representationOf(services, report, selection, values, meta);
  const headers = report.hasTokenAsId && { headers: { 'cache-control': 'no-store' } };
  return { ...(unchanged(call, etag) ?? { status: 200, body, etag }), ...headers };
}

/**
 * For a write at the path of a report.
 * @param values the report, and its meta, read in the transaction of the write
 * @throws ApiError precondition_failed
 */
export function requireReportPrecondition<P extends Report>(
  services: Pick<Services, 'zone'>,
  call: Pick<OpenCall, 'precondition'>,
  report: P,
  selection: Selection,
  values: ReportValues<P>,
  meta: Meta | null = null,
): void {
  const { etag } = representationOf(services, report, selection, values, meta);
  if (call.precondition(etag) === 'failed') throw new ApiError('precondition_failed');
}

/** The ETag is a digest of the body, because a report has no revision. */
function representationOf<P extends Report>(
  { zone }: Pick<Services, 'zone'>,
  report: P,
  { fields, includes }: Selection,
  values: ReportValues<P>,
  meta: Meta | null,
): { readonly body: string; readonly etag: string } {
  const written = reportWriter(report, fields, zone)(values as unknown as Row);
  const body = recordDocument(written, includes === null ? null : [], meta);
  return { body, etag: `"${hash('sha256', body, 'base64url').slice(0, 24)}"` };
}
