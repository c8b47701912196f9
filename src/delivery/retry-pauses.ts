// How long to wait before a mail is sent again, and before any mail is.

import type { SendOutcome } from './mailer.ts';

const second = 1000;
const minute = 60 * second;

/** A server that asks to come back later (greylisting) mostly means minutes. */
const deferred = { firstMs: 15 * second, maxMs: 15 * minute };
/** A server that is away is tried often, so that mails leave soon after it is back. */
const away = { firstMs: 2 * second, maxMs: 30 * second };
/** Repeated wrong logins may lock the account at the mail server. After a change of the settings, a new process begins anew. */
const misconfigured = { firstMs: 2 * second, maxMs: 5 * minute };

function growing({ firstMs, maxMs }: typeof deferred, failures: number): number {
  return Math.min(firstMs * 2 ** (failures - 1), maxMs);
}

const isAway = (outcome: SendOutcome['outcome']) => outcome === 'unreachable' || outcome === 'misconfigured';

/** @param attempts of this mail, at least 1. @returns milliseconds until it is due again */
export function pauseAfter(outcome: SendOutcome['outcome'], attempts: number): number {
  return growing(isAway(outcome) ? away : deferred, attempts);
}

/** Pauses of this process while no mail can be sent. Without them, every queued mail would try. */
export class ServerPauses {
  readonly #clock: () => number;
  #failures = 0;
  #until = 0;
  #pauseMs = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  isPaused(): boolean {
    const leftMs = this.#until - this.#clock();
    // Longer than it can have been set: the clock was set back.
    return leftMs > 0 && leftMs <= this.#pauseMs;
  }

  observe(outcome: SendOutcome['outcome']): void {
    if (!isAway(outcome)) {
      this.#failures = 0;
      this.#until = 0;
    } else if (!this.isPaused()) {
      // Mails that failed together count once.
      this.#pauseMs = growing(outcome === 'misconfigured' ? misconfigured : away, ++this.#failures);
      this.#until = this.#clock() + this.#pauseMs;
    }
  }
}
