import { sql } from 'kysely';

/** The clock of the machine, in milliseconds since 1970. All processes on one file run on one machine. */
export const now = sql<number>`cast(unixepoch('subsec') * 1000 as integer)`;
