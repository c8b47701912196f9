// Acts that make no sense without a mail.

import { ApiError } from '../../errors.ts';
import type { MailService } from './mail-service.ts';

/** Nothing is mailed before an operator changes the settings. */
const retryAfterSeconds = 60 * 60;

/** @throws ApiError service_unavailable if no mails are created */
export function requireMails(
  { mode }: Pick<MailService, 'mode'>,
  detail = 'This service sends no mails',
): void {
  if (mode !== 'off') return;
  throw new ApiError('service_unavailable', {
    detail,
    headers: { 'Retry-After': String(retryAfterSeconds) },
  });
}
