// Faults that the suite must notice, each a small change of the source that a person could make.

export interface Fault {
  /** What goes wrong, in words. */
  readonly name: string;
  /** Below the project's folder. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The test files that are nearest. */
  readonly tests: readonly string[];
}

export const faults: readonly Fault[] = [];
