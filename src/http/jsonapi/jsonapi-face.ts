// JSON:API: the face of all resources, and of unknown paths.

import { checkAccept, checkContentType, contentType } from '../../jsonapi/media-type.ts';
import { errorsDocument } from '../../jsonapi/write-errors.ts';
import type { Face } from '../face.ts';
import { hasBody } from '../request-limits.ts';

export const jsonApiFace: Face = {
  contentType,
  writeErrors: errorsDocument,
  negotiate(request) {
    checkAccept(request.headers.accept);
    if (hasBody(request)) checkContentType(request.headers['content-type']);
  },
};
