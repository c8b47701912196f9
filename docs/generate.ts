// `npm run docs`: the reference pages, written from the declarations that the service itself runs on. A test fails where
// they are stale.

import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { defaultText, environmentName, flagName, type SettingName, settings } from '../src/config.ts';
import { errorKinds } from '../src/errors.ts';
import { plainRoutes } from '../src/http/docs/plain-routes.ts';
import { openApi } from '../src/jsonapi/openapi.ts';
import { version } from '../src/platform/version.ts';
import { catalog } from '../src/resources/catalog.ts';
import { users } from '../src/resources/users/users.ts';
import { citations, sections, standards } from './standards.ts';

const generated = '<!-- Written by `npm run docs` from the declarations in src; do not edit. -->\n\n';

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

function who(audiences: 'everyone' | readonly string[] | undefined): string {
  if (audiences === undefined) return '';
  return audiences === 'everyone'
    ? 'all who see the user'
    : audiences.map((name) => (users.audiences as Record<string, string>)[name]).join(', ');
}

function usersPage(): string {
  const routes = table(
    ['', '', 'who may'],
    catalog.map(({ method, path, description, policy }) => [`\`${method} ${path}\``, description, policy]),
  );
  const attributes = table(
    ['attribute', 'kind', 'read by', 'given in POST by', 'changed by', 'filter', 'sort', 'meaning'],
    Object.entries(users.attributes).map(([name, a]) => [
      `\`${name}\``,
      a.kind.name + (a.nullable ? ' or null' : ''),
      who(a.read),
      who(a.create) + (a.required ? ', required' : ''),
      who(a.update),
      a.filter ? a.kind.operators.map((operator) => `\`${operator}\``).join(' ') : '',
      a.sort ? 'yes' : '',
      a.description,
    ]),
  );
  return `${generated}# Users\n\n${routes}\n## Attributes\n\nAttributes that a caller may not write are ignored; what not everyone may read is null to others.\n\n${attributes}\n\`filter[query]\` looks for words in ${users.search.map((name) => `\`${name}\``).join(', ')}. \`id\` can be filtered and sorted by too.\n`;
}

function settingsPage(): string {
  const rows = (Object.keys(settings) as SettingName[]).map((name) => {
    const { description, unit } = settings[name] as { description: string; unit?: string };
    return [
      `\`${environmentName(name)}\``,
      `\`${flagName(name)}\``,
      defaultText(name),
      unit ?? '',
      description,
    ];
  });
  return `${generated}# Settings\n\nEach is an environment variable and a flag of \`muster serve\`; the flag wins.\n\n${table(
    ['variable', 'flag', 'default', 'unit', ''],
    rows,
  )}`;
}

function errorsPage(): string {
  const rows = Object.entries(errorKinds).map(([code, { status, title, detail }]) => [
    String(status),
    `\`${code}\``,
    title,
    detail,
  ]);
  return `${generated}# Errors\n\nEvery error has a code that does not change. The detail is the usual sentence; many errors say more.\n\n${table(
    ['status', 'code', 'title', 'detail'],
    rows,
  )}`;
}

/** With the address of a service as it is by default; `/api/v2/openapi.json` names that of the service which is asked. */
const api = { version, serverUrl: `http://${settings.host.default}:${settings.port.default}` };

/** Every standard, and the tests whose titles begin with its id. */
function standardsPage(): string {
  const tests = citations(join(import.meta.dirname, '../test'));
  const parts = Object.entries(sections).flatMap(([letter, title]) => {
    const rows = Object.entries(standards)
      .filter(([id]) => id.startsWith(letter))
      .map(([id, { line, source }]) => [
        id,
        line,
        source,
        (tests.get(id) ?? []).map((file) => `[${basename(file, '.test.ts')}](../test/${file})`).join(', '),
      ]);
    return rows.length === 0
      ? []
      : [`## ${title}\n\n${table(['id', 'what holds', 'source', 'tests'], rows)}`];
  });
  return `${generated}# Standards\n\nWhat Muster is tested against. Titles of tests begin with these ids; \`npm run test:only -- --test-name-pattern='^B6 '\` runs the tests of one.\n\n${parts.join('\n')}`;
}

/** The reference pages by file name. */
export function referencePages(): Record<string, string> {
  return {
    'users.md': usersPage(),
    'settings.md': settingsPage(),
    'errors.md': errorsPage(),
    'openapi.json': `${JSON.stringify(openApi(catalog, Object.values(plainRoutes), api), null, 2)}\n`,
    '../standards.md': standardsPage(),
  };
}

export const referenceFolder = join(import.meta.dirname, 'reference');

if (import.meta.main) {
  for (const [name, page] of Object.entries(referencePages()))
    writeFileSync(join(referenceFolder, name), page);
}
