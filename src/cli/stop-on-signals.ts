// How a long command stops: at the first SIGINT or SIGTERM it ends its work in order, at a second one the process ends.

export interface Stop {
  readonly signal: AbortSignal;
  /** The exit status that a shell reports for the signal that has arrived. */
  readonly exitCode: number;
  /** Signals end the process again. */
  release(): void;
}

export function stopOnSignals(): Stop {
  const controller = new AbortController();
  const stop = { signal: controller.signal, exitCode: 0, release };
  const interrupted = () => interrupt(130);
  const terminated = () => interrupt(143);
  function interrupt(exitCode: number): void {
    release();
    stop.exitCode = exitCode;
    controller.abort();
  }
  function release(): void {
    process.off('SIGINT', interrupted).off('SIGTERM', terminated);
  }
  process.on('SIGINT', interrupted).on('SIGTERM', terminated);
  return stop;
}
