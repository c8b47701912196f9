// How long sign-ins are valid. API tokens have no such limits, only an end of their own.

export interface SessionLimits {
  /** A sign-in ends this long after its last request. */
  readonly idleMs: number;
  /** A sign-in ends this long after it was made. Its end is stored then. */
  readonly absoluteMs: number;
}

const minute = 60 * 1000;
const hour = 60;
const day = 24 * hour;

/** Limits in minutes. NIST SP 800-63B-4 allows 30 days for one factor, and 1 hour idle and 12 hours for two. */
export const sessionProfiles = {
  standard: { idle: 30 * day, absolute: 90 * day },
  strict: { idle: hour, absolute: 12 * hour },
} as const;

type SessionProfile = keyof typeof sessionProfiles;

/** The settings of the limits. Limits in minutes; null for that of the profile. */
interface Given {
  readonly sessionProfile: SessionProfile;
  readonly sessionIdleMinutes: number | null;
  readonly sessionAbsoluteMinutes: number | null;
}

export function sessionLimits(given: Given): SessionLimits {
  const { idle, absolute } = sessionProfiles[given.sessionProfile];
  return {
    idleMs: (given.sessionIdleMinutes ?? idle) * minute,
    absoluteMs: (given.sessionAbsoluteMinutes ?? absolute) * minute,
  };
}
