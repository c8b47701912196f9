// The memory that this process can use.

import { totalmem } from 'node:os';

/** Bytes of memory of the machine, or of its container (the limit of its cgroup) if that is less. */
export function memoryBytes(): number {
  // 0 if it is unknown; more than the machine has if there is no limit.
  const ofContainer = process.constrainedMemory();
  return ofContainer > 0 ? Math.min(ofContainer, totalmem()) : totalmem();
}
