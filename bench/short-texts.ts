// Searches a database for every letter, every pair of letters, and some Chinese, Japanese and Korean texts, and prints the
// slowest searches: `MUSTER_DATA_DIR=… npx node bench/short-texts.ts`, or with MUSTER_DATABASE_URL. It searches all users,
// and the people of one organization. It first indexes what has changed, as the service does in the background. Times are
// CPU time of the process on SQLite, and time on PostgreSQL. For fewer searches: `--in organization --texts a,e,王`.

import { parseArgs } from 'node:util';
import { readConfig } from '../src/config.ts';
import { textJob } from '../src/jobs.ts';
import { equals, type Filter, type Query } from '../src/model/query.ts';
import type { Resource } from '../src/model/resource.ts';
import { openStore } from '../src/open-store.ts';
import { people } from '../src/resources/people/people.ts';
import { users } from '../src/resources/users/users.ts';
import type { RecordReader, Visible } from '../src/store/store.ts';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '676' },
    slowest: { type: 'string', default: '5' },
    /** Instead of all letters and pairs. */
    texts: { type: 'string' },
    /** `users`, `people` or `organization`; may be given several times. */
    in: { type: 'string', multiple: true, default: ['users', 'organization'] },
    organization: { type: 'string', default: '1' },
  },
});

const letters = [...'abcdefghijklmnopqrstuvwxyz'];
const pairs = letters.flatMap((one) => letters.map((other) => one + other));
/** Surnames, given names and parts of them; the last ones are in few names. */
const eastAsian = ['王', '李', '佐', '佐藤', '田中', 'さ', '김', '이', '金', '王伟', '丏', '𠮷'];
const step = Math.max(1, Math.round(pairs.length / Number(values.pairs)));
const texts = values.texts?.split(',') ?? [
  ...letters,
  ...pairs.filter((_, i) => i % step === 0),
  ...eastAsian,
];

const store = await openStore(readConfig({}, process.env));
const signal = new AbortController().signal;
const startedAt = performance.now();
const indexed = await textJob(store).work({ write: store.write, signal });
console.log(`${indexed} rows indexed in ${Math.round((performance.now() - startedAt) / 1000)} s`);

const lists: Readonly<Record<string, { readonly resource: Resource; readonly visible: Visible }>> = {
  users: { resource: users, visible: null },
  people: { resource: people, visible: null },
  organization: { resource: people, visible: equals('organization_id', Number(values.organization)) },
};
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
interface List {
  readonly reader: RecordReader;
  readonly rowCount: number;
  readonly visible: Visible;
}
type Read = (list: List, filter: Filter) => Promise<unknown>;
const reads: Readonly<Record<string, Read>> = {
  total: async ({ reader, visible }, filter) => reader.count(filter, visible),
  'first page': async ({ reader, visible }, filter) => reader.page(asked(filter, 'id', null), visible, null),
  'page at nine tenths': async ({ reader, rowCount, visible }, filter) =>
    reader.page(asked(filter, 'id', Math.round(rowCount * 0.9)), visible, null),
  'by last name': async ({ reader, visible }, filter) =>
    reader.page(asked(filter, 'last_name', null), visible, null),
};

const at = (sorted: readonly { ms: number }[], part: number) =>
  sorted[Math.floor((sorted.length - 1) * part)]!.ms.toFixed(1);
for (const list of values.in)
  for (const [where, filterOf] of Object.entries(filters))
    for (const [what, read] of Object.entries(reads)) await measure(list, where, filterOf, what, read);
await store.close();

async function measure(
  name: string,
  where: string,
  filterOf: (text: string) => Filter,
  what: string,
  read: Read,
): Promise<void> {
  const { resource, visible } = lists[name]!;
  const reader = store.read.records(resource);
  const list = { reader, visible, rowCount: (await reader.state()).rowCount };
  const times: { text: string; ms: number }[] = [];
  await read(list, filterOf(texts[0]!));
  for (const text of texts) {
    const before = process.cpuUsage();
    const since = performance.now();
    await read(list, filterOf(text));
    const wall = performance.now() - since;
    const { user, system } = process.cpuUsage(before);
    times.push({ text, ms: store.engine === 'sqlite' ? (user + system) / 1000 : wall });
  }
  times.sort((a, b) => a.ms - b.ms);
  const slowest = times.slice(-Number(values.slowest)).toReversed();
  console.log(
    `${name}, ${where}, ${what}: p50 ${at(times, 0.5)} ms, p99 ${at(times, 0.99)} ms;`,
    slowest.map(({ text, ms }) => `${text} ${ms.toFixed(0)}`).join(', '),
  );
}
