// How often the routes that need no token may be called.

import type { RouteLimit } from './route.ts';

/**
 * Against one password that is tried with many addresses: each of them has its own count, so only the client's address
 * shows it. Room for an office behind one address, whose sessions all end over night. How many mails it causes is limited
 * apart, see countMail.
 */
export const openRouteLimits: readonly RouteLimit[] = [
  { by: 'address', requests: 100, windowSeconds: 60 },
  { by: 'address', requests: 1000, windowSeconds: 3600 },
];
