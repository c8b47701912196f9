// How often each token has asked lately, where a database server counts for several instances.

export const postgres = [
  // Of no worth after a crash, so it is not logged, and waits for no disk.
  `CREATE UNLOGGED TABLE request_rates (
    token_id bigint PRIMARY KEY,
    started_at bigint NOT NULL,
    count integer NOT NULL
  ) WITH (fillfactor = 50)`,
];
