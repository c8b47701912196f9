// A part of the port: leases of jobs, by which a job runs once among all processes on the database.

/** The right to run a job. All processes give the same terms for it. */
export interface Lease {
  /** Of the job. */
  readonly name: string;
  /** It expires so long after it was claimed or renewed. */
  readonly leaseMs: number;
  /** How often the job runs. */
  readonly everyMs: number;
}

/** Leases of jobs. Times are by the database's clock, so those of its clients do not matter. */
export interface Leases {
  /** How long until the lease may be free and the job due, 0 where both are so. */
  waitMs(lease: Lease): Promise<number>;
  /** @param holder no other claim has the same. @returns false where another holds the lease, or the job is not due */
  claim(lease: Lease, holder: string): Promise<boolean>;
  /**
   * Nobody else claims the lease before the transaction ends, so what it writes is written by the holder.
   * @returns false where another has claimed it since
   */
  renew(lease: Lease, holder: string): Promise<boolean>;
  /** Changes nothing where another has claimed it since. @param dueInMs when the job is due again */
  release(lease: Lease, holder: string, dueInMs: number): Promise<void>;
}
