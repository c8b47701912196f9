import cliProgress from 'cli-progress';
import { undoIfInterrupted } from '../platform/interruption.ts';

const { Format, SingleBar } = cliProgress;

export interface Progress {
  /** @param done in the unit of the total */
  update(done: number, rows: number): void;
  stop(): void;
}

/**
 * A progress bar on standard error, with rows, rate and time left. If standard error is not a terminal, a line every few
 * seconds.
 * @param total in any unit, such as bytes
 */
export function progressBar(total: number): Progress {
  const startedAt = performance.now();
  const bar = new SingleBar({
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 5000,
    hideCursor: true,
    // Off, because it would prevent the first SIGINT from ending the process.
    gracefulExit: false,
    etaBuffer: 50,
    format: (options, params, payload) =>
      `${Format.BarFormat(params.progress, options)} ${Math.floor(params.progress * 100)} %  ${payload.rows} rows  ${payload.rate} rows/s  ${timeLeft(params.progress)}`,
  });
  const timeLeft = (progress: number) => {
    if (progress === 0) return '';
    const seconds = (performance.now() - startedAt) / 1000;
    return `${Math.round((seconds * (1 - progress)) / progress)} s left`;
  };
  bar.start(Math.max(total, 1), 0, { rows: 0, rate: 0 });
  // Shows the cursor again.
  const forget = undoIfInterrupted(() => bar.stop());
  return {
    update(done, rows) {
      const rate = Math.round(rows / Math.max((performance.now() - startedAt) / 1000, 0.001));
      bar.update(Math.min(done, total), { rows, rate });
    },
    stop() {
      forget();
      bar.stop();
    },
  };
}
