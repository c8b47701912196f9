// What writes leave to the end of the commit that they share, see Engine.leave.

import type { Database, Leave, SharedTask } from '../sql/engine.ts';

type Left = [task: SharedTask<unknown>, part: unknown];

export interface LeftWork {
  readonly leave: Leave;
  beginCommit(): void;
  beginWrite(): void;
  /** The write has succeeded: what it has left is to be done. */
  keep(): void;
  /** Does what is kept, each task once, with its parts in the order of the writes. */
  finish(db: Database): Promise<void>;
}

export function leftWork(): LeftWork {
  const kept = new Map<Left[0], unknown[]>();
  /** By the write that runs. */
  let leaving: Left[] = [];
  return {
    leave: (task, part) => {
      leaving.push([task as Left[0], part]);
    },
    beginCommit: () => kept.clear(),
    beginWrite() {
      leaving = [];
    },
    keep() {
      for (const [task, part] of leaving) {
        const parts = kept.get(task);
        if (parts === undefined) kept.set(task, [part]);
        else parts.push(part);
      }
    },
    async finish(db) {
      for (const [task, parts] of kept) await task(db, parts);
    },
  };
}
