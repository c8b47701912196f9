// The rooms of the house, and the one direction in which imports point:
// platform | model <- jsonapi | security | store <- resources | delivery <- http <- app <- cli <- main.

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { test } from 'node:test';
import { resources } from '../src/resources/resources.ts';

const source = join(import.meta.dirname, '../src');
const files = globSync('**/*.ts', { cwd: source })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => !file.endsWith('.d.ts'))
  .sort();

const everyRoom = ['model', 'jsonapi', 'store', 'security', 'resources', 'delivery', 'http'];

/** What each room may import besides itself. A file right below src is a room of its own. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  platform: [],
  model: ['errors'],
  jsonapi: ['errors', 'model'],
  security: ['errors', 'platform', 'model'],
  store: ['errors', 'platform', 'model'],
  setting: [],
  'hash-settings': ['setting', 'security'],
  'mail-settings': ['setting', 'model', 'store'],
  settings: ['setting', 'hash-settings', 'mail-settings', 'model', 'security', 'store'],
  'read-brand': ['config', 'model'],
  config: ['setting', 'settings', 'model', 'security'],
  resources: ['errors', 'model', 'jsonapi', 'security', 'store'],
  delivery: ['errors', 'platform', 'model', 'security', 'store'],
  'open-store': ['errors', 'config', 'platform', 'model', 'store', 'resources'],
  'open-mail': ['config', 'model', 'read-brand', 'open-store', 'store', 'security', 'resources', 'delivery'],
  http: [
    ...['setting', 'errors', 'platform', 'config', 'model', 'jsonapi', 'security', 'store', 'resources'],
    'delivery',
  ],
  app: ['errors', 'platform', 'hash-settings', 'config', 'read-brand', 'open-mail', ...everyRoom],
  jobs: ['config', 'read-brand', 'open-mail', ...everyRoom],
  cli: [
    ...['errors', 'platform', 'settings', 'hash-settings', 'config', 'read-brand', 'open-store', 'open-mail'],
    ...['app', 'jobs'],
    ...everyRoom,
  ],
  main: ['cli'],
};

/** Packages that one room alone may know. */
const owners: readonly (readonly [packages: RegExp, rooms: readonly string[]])[] = [
  [/^(fastify|@fastify\/.*)$/, ['http']],
  [/^(kysely|node:sqlite|pg|pg-.*|postgres)$/, ['store']],
  [/^(@node-rs\/.*|hibp)$/, ['security']],
  [/^commander$/, ['main', 'cli']],
  [/^modern-tar(\/.*)?$/, ['cli']],
  [/^intl-messageformat$/, ['delivery']],
  [/^nodemailer(\/.*)?$/, ['delivery']],
];

/** These are pure: they reach neither the disk nor the network, nor any package. */
const pure: Readonly<Record<string, RegExp>> = {
  model: /^node:url$/,
  jsonapi: /^node:crypto$/,
  errors: /^$/,
};

interface Import {
  readonly file: string;
  /** As it is written. */
  readonly of: string;
}

function textOf(file: string): string {
  return readFileSync(join(source, file), 'utf8');
}

function withoutComments(text: string): string {
  return text.replaceAll(/^\s*\/\/.*$/gm, '').replaceAll(/\/\*[\s\S]*?\*\//g, '');
}

/** Every import of a text: with names, for its types alone, for its effects, handed on, and at run time. */
function importsIn(text: string): string[] {
  const code = withoutComments(text);
  const forms = /\b(?:from|import|require)\s*\(?\s*(['"])([^'"\n]+)\1|\btypeof\s+import\((['"])([^'"]+)\3\)/g;
  return [...code.matchAll(forms)].map((match) => (match[2] ?? match[4])!);
}

/** `store` for store/sql/filter.ts, `app` for app.ts. */
function roomOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : basename(file, '.ts');
}

function problemsOf({ file, of }: Import): string[] {
  const room = roomOf(file);
  const problem = `${file} imports ${of}`;
  if (!of.startsWith('.')) {
    const owned = owners.find(([packages]) => packages.test(of));
    const closed = owned !== undefined && !owned[1].includes(room);
    const impure = pure[room] !== undefined && !pure[room].test(of);
    return closed || impure ? [problem] : [];
  }
  const target = posix.join(dirname(file), of);
  if (target.startsWith('..')) {
    // The one thing outside is what npm knows of this package.
    return target === '../package.json' ? [] : [problem];
  }
  const other = roomOf(target);
  return other === room || allowed[room]?.includes(other) ? [] : [problem];
}

const imports: readonly Import[] = files.flatMap((file) =>
  importsIn(textOf(file)).map((of) => ({ file, of })),
);

test('imports point one way', () => {
  assert.deepEqual(imports.flatMap(problemsOf), []);
});

test('every file stands in a room that the direction knows', () => {
  assert.deepEqual(
    files.filter((file) => allowed[roomOf(file)] === undefined),
    [],
  );
  assert.ok(imports.length > 100, `${imports.length} imports were found`);
});

test('every import within src is of a file that is there', () => {
  const missing = imports.filter(({ file, of }) => {
    return of.startsWith('.') && of.endsWith('.ts') && !files.includes(posix.join(dirname(file), of));
  });
  assert.deepEqual(missing, []);
});

/** The imports of a file when it runs: types are gone then. */
function runs(file: string): string[] {
  const types = /^\s*(import|export) type [^;]+;/gm;
  return importsIn(textOf(file).replaceAll(types, ''));
}

/** The files of src among them. */
function runsOfSource(file: string): string[] {
  return runs(file)
    .filter((of) => of.startsWith('.'))
    .map((of) => posix.join(dirname(file), of));
}

test('threads load few files and no packages, because each holds them anew', () => {
  const threads = files.filter(
    (file) => /-(thread|worker)\.ts$/.test(file) && /parentPort/.test(textOf(file)),
  );
  assert.equal(threads.length, 3);
  for (const thread of threads) {
    const loaded = new Set([thread]);
    for (const file of loaded) for (const next of runsOfSource(file)) loaded.add(next);
    const packages = [...loaded].flatMap(runs).filter((of) => !/^(\.|node:)/.test(of));
    assert.deepEqual(packages, [], thread);
    assert.ok(loaded.size <= 12, [...loaded].join());
  }
});

test('no file runs itself by way of others', () => {
  // In a circle of types nothing waits for itself.
  const graph = new Map(files.map((file) => [file, runsOfSource(file)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '));
    if (path.includes(file) || done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  assert.deepEqual(circles, []);
});

test('migrations import nothing', () => {
  const migrations = files.filter((file) => /\/migrations\/\d/.test(file));
  assert.ok(migrations.length > 0);
  for (const file of migrations) {
    assert.match(basename(file), /^\d{4}-[a-z-]+\.ts$/);
    assert.deepEqual(importsIn(textOf(file)), [], file);
  }
});

test('no file is longer than 400 lines', () => {
  const long = files.filter((file) => textOf(file).split('\n').length > 401);
  assert.deepEqual(long, []);
});

test('no file has a name that names nothing', () => {
  const empty = /(^|\/)(index|utils?|helpers?|common|misc|shared)(\.ts$|\/)/;
  assert.deepEqual(
    files.filter((file) => empty.test(file)),
    [],
  );
});

test('each database engine has the same files for the same things', () => {
  const shared = [
    ...['connections', 'engine', 'errors', 'inspect', 'kysely', 'migrate', 'request-counter', 'sequences'],
    'text-search',
  ];
  const expected = ['sqlite', 'postgres'].flatMap((engine) =>
    shared.map((name) => `store/${engine}/${name}.ts`),
  );
  assert.deepEqual(
    expected.filter((file) => !files.includes(file)),
    [],
  );
});

/** Rooms that serve any resource. */
const generic = /^(store\/(sql|sqlite|postgres|copy)|resources\/(operations|cache)|jsonapi|http|model)\//;

/** Generic files that name what there is, each for its reason. */
const naming: Readonly<Record<string, string>> = {
  'store/sql/tables.ts': 'the manifest of tables',
  'model/actor.ts': 'the powers of accounts, as the API calls them',
  'http/request-log.ts': 'the account that asks, as the log calls it',
};

const resourceNames = [...new Set([...resources.map(({ type }) => type), 'organizations', 'memberships'])];

/** Names of resources in code: their tables and types, and columns such as `user_id`. Comments may name them. */
function resourcesIn(text: string): string[] {
  const code = withoutComments(text);
  const columns = resourceNames.map((name) => `${name.replace(/s$/, '')}_id`);
  const names = new RegExp(
    `(?<![A-Za-z0-9$])(?<!node:)(?:${[...resourceNames, ...columns].join('|')})(?![A-Za-z0-9])`,
    'g',
  );
  return [...code.matchAll(names)].map(([name]) => name);
}

test('no generic file names a resource', () => {
  const found = files
    .filter((file) => generic.test(file) && naming[file] === undefined)
    .flatMap((file) => {
      const names = resourcesIn(textOf(file));
      return names.length === 0 ? [] : [`${file}: ${[...new Set(names)].join(', ')}`];
    });
  assert.deepEqual(found, []);
  assert.ok(files.filter((file) => generic.test(file)).length > 60);
  for (const file of Object.keys(naming)) assert.ok(files.includes(file), file);
});

test('a resource that is named in code or SQL is found', () => {
  for (const code of [
    `db.selectFrom('users')`,
    'sql`select revision from users where id = 1`',
    'sql`select 1 from memberships`',
    `import { users } from '../../resources/users/users.ts';`,
    'const index = `users_search`;',
    `select.where('users.id', '=', id)`,
    'sql`select 1 from tokens where user_id = 1`',
    'const { organizations } = transaction;',
    'read.records(users)',
    `return 'organization_id';`,
  ])
    assert.notDeepEqual(resourcesIn(code), [], code);
  for (const code of [
    '// users',
    '/** Such as `users`. */',
    'superusers',
    'actor.userId',
    `'X-Organization-Id'`,
  ])
    assert.deepEqual(resourcesIn(code), [], code);
});

test('what reads imports sees every form of them', () => {
  const forms = `
    // import ignored from './comment.ts';
    /* import ignored from './block.ts'; */
    import one from './one.ts';
    import type { Two } from "./two.ts";
    import {
      type Three,
      three,
    } from './three.ts';
    import './four.ts';
    export * from './five.ts';
    export type { Six } from './six.ts';
    const seven = await import('./seven.ts');
    type Eight = typeof import('./eight.ts');
    const nine = require('./nine.ts');
    import * as ten from './ten.ts';
  `;
  assert.deepEqual(
    importsIn(forms),
    ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'].map(
      (name) => `./${name}.ts`,
    ),
  );
});

test('an import against the direction is found', () => {
  for (const [file, of] of [
    ['model/kind.ts', '../jsonapi/cursor.ts'],
    ['model/kind.ts', '../store/store.ts'],
    ['model/kind.ts', 'node:fs'],
    ['jsonapi/read-query.ts', '../store/store.ts'],
    ['jsonapi/read-query.ts', '../security/tokens.ts'],
    ['store/sql/filter.ts', '../../jsonapi/cursor.ts'],
    ['store/sql/filter.ts', '../../security/tokens.ts'],
    ['store/sql/filter.ts', '../../config.ts'],
    ['security/tokens.ts', '../store/store.ts'],
    ['security/tokens.ts', '../config.ts'],
    ['resources/operation.ts', '../http/server.ts'],
    ['resources/operation.ts', '../config.ts'],
    ['resources/operation.ts', 'fastify'],
    ['resources/operation.ts', 'kysely'],
    ['delivery/scheduler.ts', '../resources/operation.ts'],
    ['resources/operation.ts', '../delivery/scheduler.ts'],
    ['http/server.ts', '../app.ts'],
    ['http/server.ts', 'node:sqlite'],
    ['http/server.ts', '../cli/serve/serve.ts'],
    ['app.ts', './main.js'],
    ['app.ts', './cli/serve/serve.ts'],
    ['app.ts', '@fastify/cors'],
    ['open-store.ts', './app.ts'],
    ['platform/version.ts', '../model/id.ts'],
    ['store/sqlite/engine.ts', '../../resources/operation.ts'],
    ['cli/serve/serve.ts', '../../main.js'],
    ['errors.ts', './model/kind.ts'],
    ['errors.ts', 'node:http'],
    ['app.ts', '../test/support/start-app.ts'],
  ] as const)
    assert.deepEqual(problemsOf({ file, of }), [`${file} imports ${of}`]);
});
