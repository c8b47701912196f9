// Counts requests by any key, not only by token. Each key has its own window length. request_rates stays: instances of the
// version before count in it while they are replaced.

export const postgres = [
  // Unlogged: the counts have no value after a crash, and writes need not wait for the disk.
  `CREATE UNLOGGED TABLE request_counts (
    key bigint PRIMARY KEY,
    started_at bigint NOT NULL,
    window_ms integer NOT NULL,
    count integer NOT NULL
  ) WITH (fillfactor = 50)`,
];
