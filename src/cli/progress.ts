import cliProgress from 'cli-progress';
import { undoIfInterrupted } from '../platform/interruption.ts';

const { Format, SingleBar } = cliProgress;

export interface Progress {
  /** @param done in the unit of the total */
  update(done: number, rows: number): void;
  stop(): void;
}

/** Between two lines, if standard error is not a terminal. */
const lineEveryMs = 10_000;

/**
 * A progress bar on standard error, with rows, rate and time left. If standard error is not a terminal, a line every few
 * seconds.
 * @param total in any unit, such as bytes; 0 if it is not known: then there is only the number of rows and their rate
 */
export function progressBar(total: number): Progress {
  const startedAt = performance.now();
  const secondsSince = (time: number) => Math.max((performance.now() - time) / 1000, 0.001);
  let done = 0;
  /** The first update: what an import skips before its first row takes no time. */
  let first: { readonly done: number; readonly at: number } | undefined;

  function timeLeft(): string {
    if (first === undefined || done <= first.done) return '';
    const left = ((total - done) / (done - first.done)) * secondsSince(first.at);
    return `  ${durationText(left)} left`;
  }

  const bar = new SingleBar({
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: lineEveryMs,
    hideCursor: true,
    // Off, because it would prevent the first SIGINT from ending the process.
    gracefulExit: false,
    format(options, { progress }, { rows, rate }) {
      const counted = `${rows} rows  ${rate} rows/s`;
      if (total === 0) return counted;
      return `${Format.BarFormat(progress, options)} ${Math.floor(progress * 100)} %  ${counted}${timeLeft()}`;
    },
  });
  bar.start(Math.max(total, 1), 0, { rows: 0, rate: 0 });
  // Shows the cursor again.
  const forget = undoIfInterrupted(() => bar.stop());
  return {
    update(now, rows) {
      done = Math.min(now, total);
      first ??= { done, at: performance.now() };
      bar.update(done, { rows, rate: Math.round(rows / secondsSince(startedAt)) });
    },
    stop() {
      forget();
      bar.stop();
    },
  };
}

function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
