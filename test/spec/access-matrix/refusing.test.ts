// The access matrix, entry: without a valid token, or in an organization that is not the caller's, no route does or
// tells anything.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { catalog } from '../../../src/resources/catalog.ts';
import type { Route } from '../../../src/resources/route.ts';
import { generateToken } from '../../../src/security/tokens.ts';
import { onEachEngine } from '../../support/engines.ts';
import { outcome } from '../../support/read-answers.ts';
import type { Answer } from '../../support/start-app.ts';
import { accounts } from './accounts.ts';
import { checkCells, fingerprint } from './check-cells.ts';
import { expectations, writesOf } from './expectations.ts';
import { pathOf } from './routes.ts';
import { type Matrix, noRecord, settings, startMatrix } from './start-matrix.ts';
import { assertSameTables, readTables } from './tables.ts';

interface Cell {
  readonly route: Route;
  readonly token: string | undefined;
  readonly who: string;
  readonly organizationIds: readonly (number | null)[];
  readonly expected: string;
}

function cellsOf(matrix: Matrix): Cell[] {
  const expired = accounts.find(({ hasExpired }) => hasExpired)!;
  const every = ['acme', 'globex'].map((name) => matrix.idOf({ type: 'organizations' }, { name }));
  const unknown = {
    'without a token': undefined,
    'with an unknown token': generateToken(),
    'with the token of an account that has expired': matrix.tokenOf(expired),
  };
  return catalog
    .filter(({ auth }) => auth === 'token')
    .flatMap((route) => [
      ...Object.entries(unknown).map(([who, token]) => ({
        route,
        who,
        token,
        organizationIds: [null, ...every, noRecord],
        expected: '401 invalid_auth_token',
      })),
      ...matrix.strangers.map(({ account, organizationIds }) => ({
        route,
        who: `by the ${account.name} in another's organization`,
        token: matrix.tokenOf(account),
        organizationIds,
        expected: '403 access_denied',
      })),
    ]);
}

/** Ids of records that there are, and one that there is not. */
function idsFor(matrix: Matrix, { path, resource }: Route): (number | null)[] {
  if (!path.includes('{id}')) return [null];
  const { subjects, ...expectation } = expectations.get(resource.type)!;
  const sampled = [subjects[0]!, subjects.at(-1)!];
  return [...sampled.map((subject) => matrix.idOf(expectation, subject)), noRecord];
}

async function checkEntry(matrix: Matrix): Promise<void> {
  const before = await readTables(matrix.config);
  await checkCells(
    cellsOf(matrix),
    ({ route, who }) => `${route.name} ${who}`,
    async ({ route, token, organizationIds, expected }) => {
      const { method, resource } = route;
      const { type } = resource;
      const attributes = () => writesOf(type).values(matrix, null, `entry-${route.name}`, matrix.root);
      const answers: Answer[] = [];
      for (const organizationId of organizationIds)
        for (const id of idsFor(matrix, route))
          answers.push(
            await matrix.askAs(token, method, pathOf(route, id), {
              headers: organizationId === null ? {} : { 'X-Organization-Id': String(organizationId) },
              ...(method !== 'GET' && { body: { data: { type, attributes: attributes() } } }),
            }),
          );
      for (const answer of answers) {
        assert.equal(outcome(answer), expected);
        assert.deepEqual(fingerprint(answer), fingerprint(answers[0]!));
      }
    },
  );
  assertSameTables(await readTables(matrix.config), before);
}

onEachEngine((engine) => {
  test('D5 nobody gets in without a valid token, or into an organization that is not theirs', async (t: TestContext) =>
    checkEntry(await startMatrix(t, engine, settings[0])));
});
