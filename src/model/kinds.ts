// All kinds of attributes.

export { boolean } from './kinds/boolean.ts';
export { dnsLabel } from './kinds/dns-label.ts';
export { email, sharedEmail } from './kinds/email.ts';
export { anyJson, flags, recordedChanges, recordedDetails, subsetOf } from './kinds/json.ts';
export {
  externalIdentifier,
  organizationName,
  personName,
  personNameOrEmpty,
  sessionName,
} from './kinds/name.ts';
export { identifier, integer, numericIdentifier } from './kinds/number.ts';
export { locale, timeZone } from './kinds/region.ts';
export { note, oneOf, secret, shortText, text, url } from './kinds/text.ts';
export { timestamp } from './kinds/timestamp.ts';
