// Tokens that are bound to a membership of another account. No operation makes one; somebody who edits the database might.
// Such a token would act in an organization of which its account is no member. For code that inspects a database without
// a store.

/** Returns a row if the database has sessions. One of an older version has none. */
export const hasSessions = `SELECT 1 FROM collections WHERE name = 'sessions' LIMIT 1`;

/** Returns the ids of the sessions. */
export const foreignBindings = `SELECT sessions.id FROM sessions
  JOIN organization_memberships AS binding ON binding.id = sessions.membership_id
  WHERE binding.user_id <> sessions.user_id ORDER BY sessions.id`;

export function foreignBindingText(sessionId: unknown): string {
  return `the session ${sessionId} is bound to a membership of another account; revoke it: muster tokens revoke ${sessionId}`;
}
