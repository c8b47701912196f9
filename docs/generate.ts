// `npm run docs`: generates the reference pages from the declarations that the service runs on. A test fails if a page is
// out of date.

import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { errorKinds } from '../src/errors.ts';
import { plainRoutes } from '../src/http/docs/plain-routes.ts';
import { reportIn } from '../src/jsonapi/described-route.ts';
import { openApi } from '../src/jsonapi/openapi.ts';
import { idAttributeOf, maxIncludeDepth } from '../src/model/relationship.ts';
import { pageNameOf } from '../src/model/report.ts';
import { isReadByEveryone, type Resource } from '../src/model/resource.ts';
import { version } from '../src/platform/version.ts';
import { catalog } from '../src/resources/catalog.ts';
import { resources } from '../src/resources/resources.ts';
import type { Route } from '../src/resources/route.ts';
import { defaultText, environmentName, flagName, type SettingName, settings } from '../src/settings.ts';
import { archivedColumns, isArchived } from '../src/store/copy/archived-columns.ts';
import { reasonsOf } from '../src/store/copy/write-archive.ts';
import { allTables } from '../src/store/sql/tables.ts';
import { includeCode } from './include-code.ts';
import { citations, sections, standards } from './standards.ts';

export const referenceFolder = join(import.meta.dirname, 'reference');

const generated = '<!-- Written by `npm run docs` from the declarations in src; do not edit. -->\n\n';

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

function who({ audiences }: Resource, members: 'everyone' | readonly string[] | undefined): string {
  if (members === undefined) return '';
  return members === 'everyone'
    ? 'everyone who sees the record'
    : members.map((name) => audiences[name]).join(', ');
}

function titleOf(resource: Resource): string {
  const name = pageNameOf(resource);
  return `${name[0]!.toUpperCase()}${name.slice(1).replaceAll('_', ' ')}`;
}

function routesPart(routes: readonly Route[]): string {
  return table(
    ['route', 'description', 'permission'],
    routes.map(({ method, path, description, policy }) => [`\`${method} ${path}\``, description, policy]),
  );
}

/** The page of a resource whose documents are computed. */
function computedPage(resource: Resource, routes: readonly Route[]): string {
  const attributes = table(
    ['attribute', 'type', 'meaning'],
    resource.names
      .map((name) => [name, resource.attributes[name]!] as const)
      .map(([name, { kind, nullable, description }]) => [
        `\`${name}\``,
        kind.name + (nullable ? ' or null' : ''),
        description,
      ]),
  );
  const id = resource.hasTokenAsId ? ' The id of a document is the token of the link.' : '';
  return `${generated}# ${titleOf(resource)}\n\n${routesPart(routes)}\n## Attributes of a response\n\nComputed for each request.${id}\n\n${attributes}${routes.map(inputPart).join('')}`;
}

/** The attributes of the body of a route; empty if they are those of the resource. */
function inputPart({ method, path, input }: Route): string {
  if (input === undefined || 'extra' in input) return '';
  const rows = input.instead.map(({ name, required, description }) => [
    `\`${name}\``,
    required ? 'yes' : '',
    description,
  ]);
  return `\n## Attributes of \`${method} ${path}\`\n\n${table(['attribute', 'required', 'meaning'], rows)}`;
}

function resourcePage(resource: Resource, routes: readonly Route[]): string {
  const attributes = table(
    [
      'attribute',
      'type',
      'readable by',
      'writable in POST by',
      'writable in PATCH by',
      'filter',
      'sort',
      'meaning',
    ],
    resource.names
      .map((name) => [name, resource.attributes[name]!] as const)
      .map(([name, a]) => [
        `\`${name}\``,
        a.kind.name + (a.nullable ? ' or null' : ''),
        who(resource, a.read),
        who(resource, a.create) + (a.required ? ', required' : ''),
        who(resource, a.update),
        a.filter ? a.kind.operators.map((operator) => `\`${operator}\``).join(' ') : '',
        a.sort ? (a.read === 'everyone' ? 'yes' : 'by its readers') : '',
        a.description,
      ]),
  );
  const searched = resource.search.map((name) => `\`${name}\``).join(', ');
  const search = searched === '' ? '' : `\`filter[query]\` searches for words in ${searched}. `;
  return `${generated}# ${titleOf(resource)}\n\n${routesPart(routes)}\n## Attributes\n\nAttributes that a caller may not write are ignored. Attributes that a caller may not read are null in the response.\n\n${attributes}\n${search}You can also filter and sort by \`id\`.\n${restrictedPart(resource)}${relationshipsPart(resource)}${routes.map(reportPart).join('')}`;
}

/** The attributes of the report that a route answers with; empty if it answers with none. */
function reportPart({ method, path, answers }: Route): string {
  const report = reportIn(answers);
  if (report === undefined) return '';
  const rows = Object.entries(report.attributes).map(([name, { kind, description }]) => {
    const items = kind.schema.items as { properties?: Record<string, { description?: string }> } | undefined;
    const members = Object.entries(items?.properties ?? {}).map(
      ([member, schema]) =>
        `\`${member}\`${schema.description === undefined ? '' : `: ${schema.description}`}`,
    );
    return [`\`${name}\``, kind.name, [description, ...members].join('<br>')];
  });
  return `\n## ${report.type[0]!.toUpperCase()}${report.type.slice(1)}\n\n\`${method} ${path}\` answers with a document of the type \`${report.type}\`, computed for the request. Its id is that of the record.\n\n${table(['attribute', 'type', 'meaning'], rows)}`;
}

/** Who may filter and sort by attributes that not everyone may read; empty if there are none. */
function restrictedPart(resource: Resource): string {
  const names = new Set([...resource.filters.keys(), ...resource.sorts.keys()]);
  const restricted = [...names].filter((name) => !isReadByEveryone(resource, name));
  if (restricted.length === 0) return '';
  return `\nOnly callers who may read it in every record that the list can contain may filter or sort by ${restricted.map((name) => `\`${name}\``).join(', ')}. For others, the response is that for an unknown attribute.\n`;
}

function relationshipsPart(resource: Resource): string {
  const entries = Object.entries(resource.relationships);
  if (entries.length === 0) return '';
  const items = entries.map(([name, { to, linked, description }]) => {
    const id = idAttributeOf(name);
    const { filter, hidden, create, update } = resource.attributes[id]!;
    const notes = [
      ...(linked ? ['Documents always carry its id.'] : []),
      ...(hidden && filter ? [`Filter: \`${id}\`.`] : []),
      ...(create ? [`Writable in POST by ${who(resource, create)}.`] : []),
      ...(update ? [`Writable in PATCH by ${who(resource, update)}.`] : []),
    ];
    return `- \`${name}\` (\`${to}\`): ${[description, ...notes].join(' ')}\n`;
  });
  const isWritten = entries.some(([name]) => {
    const { create, update } = resource.attributes[idAttributeOf(name)]!;
    return create !== undefined || update !== undefined;
  });
  const given = isWritten
    ? ' A body gives a relationship under `relationships`, or as the attribute `<name>_id`.'
    : '';
  return `\n## Relationships\n\n\`include\` loads related records, up to ${maxIncludeDepth} deep: \`include=${entries[0]![0]}\`.${given}\n\n${items.join('')}`;
}

/** A page for each resource of the routes. */
export function resourcePages(routes: readonly Route[]): Record<string, string> {
  const pages = [...Map.groupBy(routes, ({ resource }) => resource)];
  return Object.fromEntries(
    pages.map(([resource, its]) => [
      `${pageNameOf(resource)}.md`,
      resource.isComputed ? computedPage(resource, its) : resourcePage(resource, its),
    ]),
  );
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
  return `${generated}# Settings\n\nEvery setting is an environment variable and a flag of \`muster serve\`. If both are given, the flag is used.\n\n${table(
    ['variable', 'flag', 'default', 'unit', 'description'],
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
  return `${generated}# Errors\n\nEvery error has a code that never changes. The table shows the default detail; many errors have a more specific one.\n\n${table(
    ['status', 'code', 'title', 'detail'],
    rows,
  )}`;
}

/** The tables of an archive of `muster export`, each with its columns. */
function archivePage(): string {
  const archived = allTables(resources).filter(isArchived);
  const parts = archived.map((each) => {
    const rows = Object.entries(archivedColumns(each)).map(([name, { type, description }]) => [
      `\`${name}\``,
      type,
      description,
    ]);
    const key = each.move.key.map((name) => `\`${name}\``).join(', ');
    return `## \`${each.name}\`\n\nIn the order of ${key}.\n\n${table(['column', 'type', 'meaning'], rows)}`;
  });
  const leftOut = Object.entries(reasonsOf(resources)).map(([name, reason]) => [`\`${name}\``, reason]);
  return `${generated}# Tables of an archive\n\n[Moving out](../moving-out.md) describes the archive of \`muster export\`. These are its tables and their columns.\n\n${parts.join('\n')}\n## What is left out\n\n${table(['table', 'reason'], leftOut)}`;
}

/** The reference has the default address; `/api/v2/openapi.json` of a running service has the address of that service. */
const api = { version, serverUrl: `http://${settings.host.default}:${settings.port.default}` };

/** All standards, each with the test files whose test titles begin with its id. */
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
    return rows.length === 0 ? [] : [`## ${title}\n\n${table(['id', 'standard', 'source', 'tests'], rows)}`];
  });
  return `${generated}# Standards\n\nThe standards that Muster is tested against. Test titles begin with these ids. To run the tests of one id: \`npm run test:only -- --test-name-pattern='^B6 '\`.\n\n${parts.join('\n')}`;
}

/** Pages that are written by hand, except for the code in them. */
const guides = ['../adding-a-resource.md', '../signing-in.md'];

/** The generated pages by file name. */
export function referencePages(): Record<string, string> {
  return {
    ...resourcePages(catalog),
    'settings.md': settingsPage(),
    'errors.md': errorsPage(),
    'archive.md': archivePage(),
    'openapi.json': `${JSON.stringify(openApi(catalog, Object.values(plainRoutes), resources, api), null, 2)}\n`,
    '../standards.md': standardsPage(),
    ...Object.fromEntries(
      guides.map((page) => [page, includeCode(readFileSync(join(referenceFolder, page), 'utf8'))]),
    ),
  };
}

if (import.meta.main) {
  for (const [name, page] of Object.entries(referencePages()))
    writeFileSync(join(referenceFolder, name), page);
}
