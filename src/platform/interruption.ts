// Cleans up when the process ends in the middle of some work: removes a partial file, shows a hidden cursor again.

const undoing = new Set<() => void>();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Calls `undo` if the process exits or a signal ends it.
 * @param undo synchronous; must not throw
 * @returns a function that cancels this; call it when the work is done
 */
export function undoIfInterrupted(undo: () => void): () => void {
  if (undoing.size === 0) {
    process.on('exit', undoAll);
    // First in line, because other listeners may remove themselves when the signal arrives.
    for (const signal of signals) process.prependListener(signal, end);
  }
  undoing.add(undo);
  return () => {
    if (undoing.delete(undo) && undoing.size === 0) stopListening();
  };
}

function undoAll(): void {
  for (const undo of undoing) undo();
  undoing.clear();
}

/** Ends the process with the same signal again, so that the parent process sees which signal it was. */
function end(signal: NodeJS.Signals): void {
  // Another listener stops the process in its own way, for example an import. `undo` then runs at the exit.
  if (process.listenerCount(signal) > 1) return;
  undoAll();
  stopListening();
  process.kill(process.pid, signal);
}

function stopListening(): void {
  process.off('exit', undoAll);
  for (const signal of signals) process.off(signal, end);
}
