// Searches a database for every letter, every pair of letters, and some Chinese, Japanese and Korean texts, and prints the
// slowest searches: `MUSTER_DATA_DIR=… npx node bench/short-texts.ts`, or with MUSTER_DATABASE_URL. It first indexes what
// has changed, as the service does in the background. Times are CPU time of the process on SQLite, and time on PostgreSQL.

import { parseArgs } from 'node:util';
import { readConfig } from '../src/config.ts';
import { textJob } from '../src/jobs.ts';
import type { Filter, Query } from '../src/model/query.ts';
import { openStore } from '../src/open-store.ts';
import { users } from '../src/resources/users/users.ts';

const { values } = parseArgs({
  options: { pairs: { type: 'string', default: '676' }, slowest: { type: 'string', default: '5' } },
});

const letters = [...'abcdefghijklmnopqrstuvwxyz'];
const pairs = letters.flatMap((one) => letters.map((other) => one + other));
/** Surnames, given names and parts of them; the last ones are in few names. */
const eastAsian = ['王', '李', '佐', '佐藤', '田中', 'さ', '김', '이', '金', '王伟', '丏', '𠮷'];
const step = Math.max(1, Math.round(pairs.length / Number(values.pairs)));
const texts = [...letters, ...pairs.filter((_, i) => i % step === 0), ...eastAsian];

const store = await openStore(readConfig({}, process.env));
const signal = new AbortController().signal;
const startedAt = performance.now();
const indexed = await textJob(store).work({ write: store.write, signal });
console.log(`${indexed} rows indexed in ${Math.round((performance.now() - startedAt) / 1000)} s`);

const reader = store.read.records(users);
const { rowCount } = await reader.state();
const contains =
  (attribute: string) =>
  (text: string): Filter => ({ attribute, operator: 'contains', values: [text] });
const filters: Readonly<Record<string, (text: string) => Filter>> = {
  first_name: contains('first_name'),
  last_name: contains('last_name'),
  email: contains('email'),
  query: (text) => ({ words: [text] }),
  'query of two': (text) => ({ words: [text, 'e'] }),
};
const asked = (filter: Filter, sort: string, after: number | null): Query => ({
  filter,
  sort: [
    ...(sort === 'id' ? [] : [{ attribute: sort, descending: false }]),
    { attribute: 'id', descending: false },
  ],
  page: { by: 'cursor', after: after === null ? null : [after], size: 30 },
  fields: null,
});
const reads: Readonly<Record<string, (filter: Filter) => Promise<unknown>>> = {
  total: async (filter) => reader.count(filter, null),
  'first page': async (filter) => reader.page(asked(filter, 'id', null), null, null),
  'page at nine tenths': async (filter) =>
    reader.page(asked(filter, 'id', Math.round(rowCount * 0.9)), null, null),
  'by last name': async (filter) => reader.page(asked(filter, 'last_name', null), null, null),
};

const at = (sorted: readonly { ms: number }[], part: number) =>
  sorted[Math.floor((sorted.length - 1) * part)]!.ms.toFixed(1);
for (const [where, filterOf] of Object.entries(filters))
  for (const [what, read] of Object.entries(reads)) {
    const times: { text: string; ms: number }[] = [];
    await read(filterOf(texts[0]!));
    for (const text of texts) {
      const before = process.cpuUsage();
      const since = performance.now();
      await read(filterOf(text));
      const wall = performance.now() - since;
      const { user, system } = process.cpuUsage(before);
      times.push({ text, ms: store.engine === 'sqlite' ? (user + system) / 1000 : wall });
    }
    times.sort((a, b) => a.ms - b.ms);
    const slowest = times.slice(-Number(values.slowest)).toReversed();
    console.log(
      `${where}, ${what}: p50 ${at(times, 0.5)} ms, p99 ${at(times, 0.99)} ms;`,
      slowest.map(({ text, ms }) => `${text} ${ms.toFixed(0)}`).join(', '),
    );
  }
await store.close();
