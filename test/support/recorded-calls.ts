// A store that writes down what is asked of it, to compare the work behind two requests.

import type { Store } from '../../src/store/store.ts';

export interface RecordedCalls {
  readonly store: Store;
  /** The names of the calls since the last time, such as `read.records(users).find`. */
  taken(): readonly string[];
}

export function recordedCalls(store: Store): RecordedCalls {
  let calls: string[] = [];
  const record = (name: string) => void calls.push(name);
  return {
    store: {
      ...store,
      read: watched(store.read, 'read', record),
      requestCounter: watched(store.requestCounter, 'requestCounter', record),
      write: (work, locks) =>
        store.write((transaction) => work(watched(transaction, 'transaction', record)), locks),
    },
    taken() {
      const recorded = calls;
      calls = [];
      return recorded;
    },
  };
}

function watched<T extends object>(target: T, name: string, record: (name: string) => void): T {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key);
      const path = `${name}.${String(key)}`;
      if (typeof value === 'object' && value !== null) return watched(value, path, record);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (key !== 'records') {
          record(path);
          return Reflect.apply(value, object, args);
        }
        const records: object = Reflect.apply(value, object, args);
        return watched(records, `${path}(${(args[0] as { type: string }).type})`, record);
      };
    },
  });
}
