// Counts recent requests of each token, if several instances share a database server.

export const postgres = [
  // Unlogged: the counts have no value after a crash, and writes need not wait for the disk.
  `CREATE UNLOGGED TABLE request_rates (
    token_id bigint PRIMARY KEY,
    started_at bigint NOT NULL,
    count integer NOT NULL
  ) WITH (fillfactor = 50)`,
];
