// ASP.NET Identity: base64 of a version, parameters, salt and key. Version 2 is 0, version 3 is 1.

import { pbkdf2 } from './algorithms.ts';
import { type Check, fromBase64, type HashForm, malformed } from './foreign-hash.ts';

const digests = ['sha1', 'sha256', 'sha512'];

export const aspnetForms: readonly HashForm[] = [
  // 49 bytes.
  {
    format: 'ASP.NET Identity V2',
    pattern: /^A[A-P][A-Za-z0-9+/]{64}==$/,
    read: ([text]) => version2(text!),
  },
  {
    format: 'ASP.NET Identity V3',
    pattern: /^AQAAAA[A-Za-z0-9+/]{40,400}={0,2}$/,
    read: ([text]) => version3(text!),
  },
];

function version2(text: string): Check {
  const bytes = fromBase64(text, 'ASP.NET Identity');
  return pbkdf2({
    digest: 'sha1',
    iterations: 1000,
    salt: bytes.subarray(1, 17),
    key: bytes.subarray(17),
  });
}

function version3(text: string): Check {
  const bytes = fromBase64(text, 'ASP.NET Identity');
  const digest = digests[bytes.readUInt32BE(1)];
  const saltBytes = bytes.readUInt32BE(9);
  if (digest === undefined || saltBytes < 16 || 13 + saltBytes > bytes.length)
    throw malformed('ASP.NET Identity');
  return pbkdf2({
    digest,
    iterations: bytes.readUInt32BE(5),
    salt: bytes.subarray(13, 13 + saltBytes),
    key: bytes.subarray(13 + saltBytes),
  });
}
