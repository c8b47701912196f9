// Work that must be undone when the process ends in the middle of it: a file that is half written, a hidden cursor.

const undoing = new Set<() => void>();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Calls `undo` if the process exits, or a signal ends it, before the function that this returns is called.
 * @param undo synchronous, must not throw
 */
export function undoIfInterrupted(undo: () => void): () => void {
  if (undoing.size === 0) {
    process.on('exit', undoAll);
    // Before others, which may stop listening when the signal comes.
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

/** Ends as the signal would have ended it, so that the caller sees which one it was. */
function end(signal: NodeJS.Signals): void {
  // Another listener ends the process in good order, as an import does; the exit undoes what is left.
  if (process.listenerCount(signal) > 1) return;
  undoAll();
  stopListening();
  process.kill(process.pid, signal);
}

function stopListening(): void {
  process.off('exit', undoAll);
  for (const signal of signals) process.off(signal, end);
}
