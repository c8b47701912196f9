import { sql } from 'kysely';

/** That of the server, at the moment and not at the beginning of the transaction. */
export const now = sql<number>`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`;
