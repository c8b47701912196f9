// The GET operation of a report about one record, see model/report.ts.

import { hash } from 'node:crypto';
import { ApiError } from '../../errors.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import { recordDocument, reportWriter } from '../../jsonapi/write-document.ts';
import type { Report, ReportOf } from '../../model/report.ts';
import type { RecordOf, Resource, Row } from '../../model/resource.ts';
import { type Access, requireVisible } from '../access.ts';
import type { Call, Operation, Reply, Services } from '../operation.ts';
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
    const values = { ...(await computed(services, record)), id } as Row;
    const written = reportWriter(report, selection.fields, services.zone)(values);
    return reportReply(call, recordDocument(written, selection.includes === null ? null : []));
  };
}

/** The ETag is a digest of the body, because a report has no revision. */
function reportReply(call: Call, body: string): Reply {
  const etag = `"${hash('sha256', body, 'base64url').slice(0, 24)}"`;
  return unchanged(call, etag) ?? { status: 200, body, etag };
}
