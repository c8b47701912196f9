import { sql } from 'kysely';

/** That of the machine: all processes on a file are on one. */
export const now = sql<number>`cast(unixepoch('subsec') * 1000 as integer)`;
