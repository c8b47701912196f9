// README, CONTRIBUTING and the pages of docs: what they tell people to type, set and follow is there.

import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { readConfig, unknownVariables } from '../../src/config.ts';
import { hashForms } from '../../src/security/hash-formats.ts';
import { environmentName, type SettingName, settings } from '../../src/settings.ts';
import { runMuster } from '../support/spawn-muster.ts';

const root = join(import.meta.dirname, '../..');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'bench/README.md',
  ...globSync('docs/**/*.md', { cwd: root }).filter((file) => !file.startsWith('docs/reference/')),
].map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));

interface Command {
  readonly file: string;
  readonly words: readonly string[];
}

/** Words of a shell's line; quotes hold them together. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replaceAll(/["']/g, ''));
}

/** Single commands of a line, without comments, assignments before them, and what redirects them. */
function commandsIn(line: string): string[][] {
  return line
    .replace(/\s#.*$/, '')
    .split(/&&|;|\|/)
    .map((part) => wordsOf(part))
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word))))
    .filter((words) => words.length > 0);
}

/** What stands in blocks of shell, and behind a `$` in blocks that show answers. */
const commands: readonly Command[] = pages.flatMap(({ file, text }) =>
  [...text.matchAll(/^```(\w*)\n(.*?)^```/gms)].flatMap(([, language, block]) =>
    block!
      .replaceAll('\\\n', ' ')
      .split('\n')
      .flatMap((line) => (line.startsWith('$ ') ? [line.slice(2)] : language === 'sh' ? [line] : []))
      .filter((line) => /^[A-Za-z.]/.test(line))
      .flatMap(commandsIn)
      .map((words) => ({ file, words })),
  ),
);

/** What stands in a line of prose, such as `muster check --strict`; arguments may be left out there. */
const inline = pages.flatMap(({ file, text }) =>
  [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/`((?:\.\/)?muster [^`…]+)`/g)].map(([, line]) => ({
    file,
    words: wordsOf(line!),
    inProse: true,
  })),
);

const starts = [['./muster'], ['docker', 'exec', 'muster', 'muster'], ['muster']];

/** Those of `muster`, however they are started. */
const musterCommands = [...commands.map((one) => ({ ...one, inProse: false })), ...inline].flatMap(
  ({ words, ...one }) => {
    const start = starts.find((start) => start.every((word, i) => words[i] === word));
    return start === undefined ? [] : [{ ...one, words: words.slice(start.length) }];
  },
);

test('every npm script that the pages name is there, and nothing runs on whatever Node is installed', () => {
  const named = commands.filter(({ words }) => words[0] === 'npm');
  assert.ok(named.length > 15, `${named.length}`);
  for (const { file, words } of named) {
    const script = words[1] === 'run' ? words[2]! : ['test', 'start'].includes(words[1]!) ? words[1]! : null;
    if (script !== null) assert.ok(Object.hasOwn(packageJson.scripts, script), `${file}: ${words.join(' ')}`);
  }
  const inline = pages.flatMap(({ text }) =>
    [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name]) => name!),
  );
  for (const name of inline) assert.ok(Object.hasOwn(packageJson.scripts, name), name);
  const bare = commands.filter(({ words }) => words[0] === 'node');
  assert.deepEqual(bare, []);
});

test('every file that a command names is there', () => {
  for (const { file, words } of commands)
    for (const word of words)
      if (/^(test|bench|docs|deploy|src|tools)\/[\w./*-]+$/.test(word))
        assert.ok(globSync(word, { cwd: root }).length > 0, `${file}: ${word}`);
});

test('every muster command that the pages show is one, with its flags and arguments', async () => {
  assert.ok(musterCommands.length > 30, `${musterCommands.length}`);
  const helps = new Map<string, string>();
  const help = async (...names: string[]): Promise<string> => {
    const key = names.join(' ');
    if (!helps.has(key)) helps.set(key, (await runMuster([...names, '--help'])).stdout);
    return helps.get(key)!;
  };
  for (const { file, words, inProse } of musterCommands) {
    const what = `${file}: muster ${words.join(' ')}`;
    const names: string[] = [];
    let usage = await help();
    for (const word of words) {
      if (!new RegExp(`^  ${word}( |$)`, 'm').test(usage.slice(usage.indexOf('\nCommands:')))) break;
      if (!usage.includes('\nCommands:')) break;
      names.push(word);
      usage = await help(...names);
    }
    assert.ok(names.length > 0 || words.every((word) => word.startsWith('--')), what);
    assert.ok(inProse || !usage.includes('\nCommands:') || words.some((word) => word.startsWith('--')), what);
    const given: string[] = [];
    for (let i = names.length; i < words.length; i++) {
      const word = words[i]!;
      if (word === '-' || !word.startsWith('-')) {
        given.push(word);
        continue;
      }
      const option = new RegExp(`^ +(?:-\\w, )?${word.split('=')[0]}( <[^>]+>)?( |$)`, 'm').exec(usage);
      assert.ok(option !== null, `${what}: ${word}`);
      if (option[1] !== undefined && !word.includes('=')) i++;
    }
    const { required, most } = argumentsOf(usage);
    assert.ok((inProse || given.length >= required) && given.length <= most, `${what}: ${given}`);
  }
});

/** Of a line such as `Usage: muster users import [options] <file> [more...]`. */
function argumentsOf(usage: string): { required: number; most: number } {
  const line = usage.slice(0, usage.indexOf('\n\n')).replaceAll(/\s+/g, ' ');
  const required = [...line.matchAll(/<[^>]+>/g)].length;
  const optional = [...line.matchAll(/\[(?!options\]|command\])[^\]]+\]/g)].length;
  return { required, most: line.includes('...') ? Infinity : required + optional };
}

test('the example of an environment file has only settings, and a service accepts them', () => {
  const lines = readFileSync(join(root, 'deploy/env.example'), 'utf8').split('\n');
  const entries = lines.flatMap((line) => {
    const [, name, value] = /^#?(MUSTER_\w+)=(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value!] as const];
  });
  assert.ok(entries.length > 8);
  assert.deepEqual(unknownVariables(Object.fromEntries(entries)), []);
  const set = entries.filter(([name]) => lines.some((line) => line.startsWith(name)));
  readConfig({}, Object.fromEntries(set));
});

test('every setting that the pages name is one', () => {
  const names = (Object.keys(settings) as SettingName[]).map(environmentName);
  const ofTests = new Set(
    globSync('{test,bench}/**/*.ts', { cwd: root }).flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/MUSTER_(TEST|BENCH)_\w+/g)].map(([name]) => name),
    ),
  );
  for (const { file, text } of pages)
    for (const [name] of text.matchAll(/\bMUSTER_[A-Z_]*[A-Z]\b(?!_)/g)) {
      const known = names.includes(name) || ofTests.has(name);
      assert.ok(known, `${file}: ${name}`);
    }
});

test('every link within the project leads somewhere', () => {
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
  const headings = (text: string) =>
    [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => slug(heading!));
  let count = 0;
  for (const { file, text } of pages) {
    for (const [, target] of text.replaceAll(/^```.*?^```/gms, '').matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      const [path, anchor] = target!.split('#');
      const linked = path === '' ? join(root, file) : join(root, dirname(file), path!);
      assert.ok(existsSync(linked), `${file}: ${target}`);
      if (anchor !== undefined)
        assert.ok(headings(readFileSync(linked, 'utf8')).includes(anchor), `${file}: ${target}`);
      count++;
    }
  }
  assert.ok(count > 30, `${count}`);
});

test('decisions are numbered one after the other, in their names and their headings', () => {
  const decisions = pages.filter(({ file }) => file.startsWith('docs/decisions/'));
  const numbers = decisions.map(({ file, text }) => {
    const number = Number(basename(file).slice(0, 4));
    assert.ok(text.startsWith(`# ${number}. `), file);
    return number;
  });
  assert.deepEqual(
    numbers.sort((a, b) => a - b),
    decisions.map((_, i) => i + 1),
  );
});

test('the table of password hashes has every format that import takes', () => {
  const { text } = pages.find(({ file }) => file === 'docs/password-hashes.md')!;
  const told = [...text.matchAll(/^\| `([^`|]+)` \|/gm)].map(([, format]) => format);
  const refused = ['Django without a password', 'Spring noop', 'locked crypt'];
  const taken = new Set(hashForms.map(({ format }) => format).filter((format) => !refused.includes(format)));
  assert.deepEqual(told.toSorted(), [...taken].toSorted());
});

test('the first page fits a screen before it goes into details', () => {
  const { text } = pages.find(({ file }) => file === 'README.md')!;
  const first = text.slice(0, text.indexOf('\n## '));
  assert.ok(first.split('\n').length <= 45, `${first.split('\n').length} lines`);
  for (const needed of ['npm ci && npm start', 'curl ', 'npm test', 'https://developer.productive.io'])
    assert.ok(first.includes(needed), needed);
});
