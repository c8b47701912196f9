// The queue of password checks: who is served first, and who is refused if too many wait.

import { ApiError } from '../errors.ts';

/** Who asks for a hash, the most important first. */
export const hashPriorities = [
  /** A request with a token, or a command. */
  'signed_in',
  /** A sign-in from a known address of the account. */
  'known_address',
  /** Everyone else. */
  'stranger',
  /** Whoever asks again before an answer, so that nobody fills the queue alone, not even somebody who is signed in. */
  'repeated',
] as const;

export type HashPriority = (typeof hashPriorities)[number];

/** Every this many places goes to who has waited longest, whatever their priority, so that nobody waits for ever. */
export const turnsOfLongestWait = 4;

interface Waiting {
  /** Counts arrivals. */
  readonly arrival: number;
  readonly whose: string | undefined;
  start(): void;
  /** Refuses it. */
  shed(): void;
}

interface QueueLimits {
  /** Length of the queue, without those that have their turn. */
  readonly maxWaiting: number;
  /** Turns at a time. */
  readonly maxWorking: number;
  /** Whoever waits longer is refused. */
  readonly maxWaitMs: number;
}

export class PasswordQueue {
  readonly #limits: QueueLimits;
  readonly #onShed: (priority: HashPriority) => void;
  readonly #queues = new Map(hashPriorities.map((priority) => [priority, [] as Waiting[]]));
  readonly #busy = new Set<string>();
  #working = 0;
  #arrivals = 0;
  #turns = 0;

  /** @param onShed called for each that is refused */
  constructor(limits: QueueLimits, onShed: (priority: HashPriority) => void) {
    this.#limits = limits;
    this.#onShed = onShed;
  }

  get working(): number {
    return this.#working;
  }

  waiting(priority: HashPriority): number {
    return this.#queues.get(priority)!.length;
  }

  /**
   * Resolves when it is its turn. `leave` ends the turn.
   * @param whose see PasswordHasher.run
   * @param gone see PasswordHasher.run
   * @throws ApiError service_unavailable; malformed_request if the client has gone
   */
  async enter(asked: HashPriority, whose?: string, gone?: AbortSignal): Promise<void> {
    if (gone?.aborted) throw clientGone();
    if (this.#isFree(whose)) {
      this.#occupy(whose);
      return;
    }
    const priority = this.#isRepeated(whose) ? 'repeated' : asked;
    if (!this.#makeRoom(priority)) throw this.#refusal(priority);
    const { promise: turn, resolve: start, reject } = Promise.withResolvers<void>();
    const shed = () => reject(this.#refusal(priority));
    const waiting = { arrival: ++this.#arrivals, whose, start, shed };
    this.#queues.get(priority)!.push(waiting);
    const leave = () => {
      this.#remove(waiting);
      reject(clientGone());
    };
    gone?.addEventListener('abort', leave);
    const timer = setTimeout(() => {
      this.#remove(waiting);
      shed();
    }, this.#limits.maxWaitMs);
    await turn.finally(() => {
      clearTimeout(timer);
      gone?.removeEventListener('abort', leave);
    });
  }

  leave(whose: string | undefined): void {
    this.#working--;
    if (whose !== undefined) this.#busy.delete(whose);
    for (let next = this.#takeNext(); next !== undefined; next = this.#takeNext()) {
      this.#occupy(next.whose);
      next.start();
    }
  }

  #isFree(whose: string | undefined): boolean {
    return this.#working < this.#limits.maxWorking && (whose === undefined || !this.#busy.has(whose));
  }

  #isRepeated(whose: string | undefined): boolean {
    if (whose === undefined) return false;
    return this.#busy.has(whose) || this.#all().some((one) => one.whose === whose);
  }

  #occupy(whose: string | undefined): void {
    this.#working++;
    if (whose !== undefined) this.#busy.add(whose);
  }

  #all(): Waiting[] {
    return [...this.#queues.values()].flat();
  }

  /** Takes the one that is served next out of its queue; undefined if nobody waits who can be served. */
  #takeNext(): Waiting | undefined {
    const first = [...this.#queues.values()].flatMap(
      (queue) => queue.find(({ whose }) => this.#isFree(whose)) ?? [],
    );
    if (first.length === 0) return undefined;
    const isLongestWait = ++this.#turns % turnsOfLongestWait === 0;
    const next = isLongestWait ? first.toSorted((one, other) => one.arrival - other.arrival)[0]! : first[0]!;
    this.#remove(next);
    return next;
  }

  #remove(one: Waiting): void {
    for (const queue of this.#queues.values()) if (queue.includes(one)) queue.splice(queue.indexOf(one), 1);
  }

  /** Makes room for one more, by shedding the newest of the lowest priority that is lower. @returns false if there is none */
  #makeRoom(priority: HashPriority): boolean {
    if (this.#all().length < this.#limits.maxWaiting) return true;
    const lowest = hashPriorities.findLast((each) => this.waiting(each) > 0);
    if (lowest === undefined || hashPriorities.indexOf(lowest) <= hashPriorities.indexOf(priority))
      return false;
    this.#queues.get(lowest)!.pop()!.shed();
    return true;
  }

  #refusal(priority: HashPriority): ApiError {
    this.#onShed(priority);
    return new ApiError('service_unavailable', {
      detail: 'Too many passwords are being checked, try again in a second',
    });
  }
}

/** Nobody gets this response. */
function clientGone(): ApiError {
  return new ApiError('malformed_request', { detail: 'The client has closed the connection' });
}
