import { sql } from 'kysely';

/** The server's clock at this moment (not at the start of the transaction), in milliseconds since 1970. */
export const now = sql<number>`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`;
