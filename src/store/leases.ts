// A part of the port: leases of periodic jobs. With a lease, only one process on the database runs a job at a time.

/** The lease of a job. All processes must use the same values for it. */
export interface Lease {
  /** Name of the job. */
  readonly name: string;
  /** The lease expires this long after it was claimed or renewed. */
  readonly leaseMs: number;
  /** How often the job runs. */
  readonly everyMs: number;
}

/** Leases of jobs. All times are by the database's clock, so the clocks of the processes may differ. */
export interface Leases {
  /** Milliseconds until the job is due and its lease may be free; 0 if both are true now. */
  waitMs(lease: Lease): Promise<number>;
  /**
   * Takes the lease.
   * @param holder an id that is unique to this claim
   * @returns false if another process holds the lease, or the job is not due
   */
  claim(lease: Lease, holder: string): Promise<boolean>;
  /**
   * Extends the lease by `leaseMs`, and locks it until the transaction ends: no other process can claim it before, so
   * everything in this transaction is written by the holder.
   * @returns false if another process has claimed it since
   */
  renew(lease: Lease, holder: string): Promise<boolean>;
  /**
   * Gives the lease back. Does nothing if another process has claimed it since.
   * @param dueInMs milliseconds until the job is due again
   */
  release(lease: Lease, holder: string, dueInMs: number): Promise<void>;
}
