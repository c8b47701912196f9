// A person in a directory: inetOrgPerson, posixAccount, and the user of Active Directory.

import type { ReadAccount } from '../account-reader.ts';
import { readAccount } from './account.ts';
import type { DirectoryEntry } from './directory-entry.ts';
import { type DirectorySurvey, externalIdOf } from './directory-survey.ts';
import { dayTime, fileTime, generalizedTime } from './directory-time.ts';
import { givenValues } from './given-values.ts';
import { isSecretColumn } from './secret-columns.ts';

/** Secrets whose names do not tell it in any spelling, and what is no text in most directories. */
const dropped = new Set(
  [
    ...['dBCSPwd', 'ipaNTHash', 'krbExtraData', 'krbPrincipalKey', 'krbPwdHistory', 'lmPwdHistory'],
    ...['ntPwdHistory', 'pwdHistory', 'supplementalCredentials', 'unicodePwd', 'userPKCS12'],
    ...['jpegPhoto', 'photo', 'thumbnailPhoto', 'userCertificate', 'userSMIMECertificate'],
  ].map((name) => name.toLowerCase()),
);

/** Attributes such as pwdAccountLockedTime, pwdLastSet and badPwdCount are states and times. */
function isDropped(name: string): boolean {
  const [attribute] = name.split(';') as [string];
  const isSecret = isSecretColumn(attribute) && !/^(?:bad)?pwd/i.test(attribute);
  return isSecret || dropped.has(attribute.toLowerCase());
}

/** Have a place, if they have one value. */
const taken = [
  'createTimestamp',
  'entryUUID',
  'givenName',
  'ipaUniqueID',
  'mail',
  'modifyTimestamp',
  'sn',
  'whenChanged',
  'whenCreated',
];

/** Bit of userAccountControl in Active Directory: the account is disabled. */
const accountDisabled = 2;

/** nsRoleDN of an inactive account in 389 Directory Server. */
const disabledRole = /^cn=ns(?:managed)?disabledrole,/i;

/** pwdAccountLockedTime of an account that only an administrator unlocks (draft-behera-ldap-password-policy). */
const lockedForGood = '000001010000Z';

export function readPerson(entry: DirectoryEntry, survey: DirectorySurvey, now: number): ReadAccount {
  const first = (name: string) => entry.texts(name)[0] ?? null;
  const language = first('preferredLanguage');
  const members = entry.members([...taken, 'preferredLanguage']);
  const values = givenValues({
    dn: entry.dn,
    ...Object.fromEntries(Object.entries(members).filter(([name]) => !isDropped(name))),
    // RFC 2798 allows a list, as in HTTP: de-AT, en;q=0.5.
    ...(language !== null && { locale: language.split(/[,;]/)[0] }),
  });
  values.drop(...taken.filter((name) => entry.texts(name).length === 1));
  if (language === language?.split(/[,;]/)[0]) values.drop('preferredLanguage');
  const userNames = [...entry.texts('uid'), ...entry.texts('sAMAccountName')];
  const { organization, groups } = survey.placeOf(entry.dn, userNames);
  const password = passwordOf(entry.texts('userPassword'));
  return readAccount({
    source: 'ldif',
    externalId: externalIdOf(entry),
    email: first('mail'),
    // A directory does not tell whether anybody has confirmed an address.
    emailVerified: null,
    names: namesOf(first, userNames[0] ?? null),
    ...password.given,
    createdAt: generalizedTime(first('createTimestamp') ?? first('whenCreated') ?? undefined),
    updatedAt: generalizedTime(first('modifyTimestamp') ?? first('whenChanged') ?? undefined),
    lockedAt: endOfAccess(entry, survey, password.isLocked, new Date(now).toISOString()),
    ...(organization !== null && {
      memberships: [{ organization_external_id: organization.id, organization_name: organization.name }],
    }),
    optional: { locale: 'locale' },
    values,
    details: groups.length > 0 ? { groups } : {},
  });
}

function namesOf(first: (name: string) => string | null, userName: string | null) {
  const [given, family, common] = [first('givenName'), first('sn'), first('cn')];
  const whole = first('displayName') ?? common;
  // In "Carol van der Berg", the family name shows where the given name ends.
  const before =
    given === null && family !== null && common?.endsWith(` ${family}`)
      ? common.slice(0, -family.length - 1)
      : given;
  return { given: before, family, whole, userName };
}

/**
 * userPassword may have several values, of which one is enough. `{SASL}` leaves the check to another service. Behind
 * `{CRYPT}`, ! is a locked password and * is none.
 */
function passwordOf(values: readonly string[]) {
  const usable = values.filter((value) => !/^\{(?:SASL\}|CRYPT\}(?:\*|x?$))/i.test(value));
  const value = usable.find((one) => one.startsWith('{')) ?? usable[0];
  if (value === undefined) return { given: {}, isLocked: false };
  if (!value.startsWith('{')) return { given: { password: value }, isLocked: false };
  const hash = value.replace(/^(\{CRYPT\})!+/i, '$1');
  return {
    given: /^\{CRYPT\}$/i.test(hash) ? {} : { passwordHash: hash },
    isLocked: hash !== value,
  };
}

/** The earliest of the times from which the account has no access; null if there is none. */
function endOfAccess(
  entry: DirectoryEntry,
  { locksEnd }: DirectorySurvey,
  hasLockedPassword: boolean,
  now: string,
): string | null {
  const has = (name: string) => entry.texts(name)[0]?.toLowerCase() === 'true';
  const [locked] = entry.texts('pwdAccountLockedTime');
  const isDisabled =
    hasLockedPassword ||
    locked === lockedForGood ||
    has('nsAccountLock') ||
    has('ds-pwp-account-disabled') ||
    has('loginDisabled') ||
    entry.texts('nsRoleDN').some((dn) => disabledRole.test(dn)) ||
    (Number(entry.texts('userAccountControl')[0] ?? 0) & accountDisabled) !== 0;
  const ends = [
    isDisabled ? now : null,
    locked === lockedForGood || locksEnd ? null : generalizedTime(locked),
    fileTime(entry.texts('accountExpires')[0]),
    dayTime(entry.texts('shadowExpire')[0]),
  ];
  return ends.filter((end) => end !== null).sort()[0] ?? null;
}
