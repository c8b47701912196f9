// Limits how many statements of a kind run at the same time, without a late one that holds up all others.

/**
 * After this time, others no longer wait for a statement: a lock may be held, or the connection may have gone silent, which
 * its driver notices only after seconds.
 */
export const lateMs = 250;

/** For a database server: how many run together with those that are late. One that is slow for all does not get many more. */
export const maxAtOnce = 4;

export interface Place {
  readonly isFree: boolean;
  /** Takes the place until the work ends or is late. @throws the error of the work */
  run(work: () => Promise<void>): Promise<void>;
}

/**
 * One place, for one statement at a time.
 * @param atOnce how many may run together with those that are late
 * @param onFree called when the place is free
 */
export function placeFor(atOnce: number, onFree: () => void): Place {
  let running = 0;
  let late = 0;
  return {
    get isFree() {
      return running === late && running < atOnce;
    },
    async run(work) {
      running++;
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        late++;
        onFree();
      }, lateMs);
      try {
        await work();
      } finally {
        clearTimeout(timer);
        running--;
        if (isLate) late--;
        onFree();
      }
    },
  };
}
