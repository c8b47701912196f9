// Requests are counted by other keys than tokens too, each with a window of its own length.

export const postgres = [
  'DROP TABLE request_rates',
  // Of no worth after a crash, so it is not logged, and waits for no disk.
  `CREATE UNLOGGED TABLE request_counts (
    key bigint PRIMARY KEY,
    started_at bigint NOT NULL,
    window_ms integer NOT NULL,
    count integer NOT NULL
  ) WITH (fillfactor = 50)`,
];
