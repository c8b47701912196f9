import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { referenceFolder, referencePages, resourcePages } from '../../docs/generate.ts';
import { includeCode } from '../../docs/include-code.ts';
import { pageNameOf } from '../../src/model/report.ts';
import { catalog } from '../../src/resources/catalog.ts';
import { resources } from '../../src/resources/resources.ts';
import { gadgetReviews } from '../support/toy/gadget-reviews.ts';
import { gadgetReviewsRoutes } from '../support/toy/gadget-reviews-routes.ts';
import { gadgets } from '../support/toy/gadgets.ts';
import { gadgetsRoutes } from '../support/toy/gadgets-routes.ts';

for (const [name, page] of Object.entries(referencePages())) {
  test(`the generated page ${name} says what the declarations say (npm run docs writes it)`, () => {
    assert.equal(readFileSync(join(referenceFolder, name), 'utf8'), page);
  });
}

test('each resource of the routes has a reference page of its own, with its routes and attributes alone', () => {
  const pages = resourcePages([...catalog, ...gadgetsRoutes, ...gadgetReviewsRoutes]);
  const computed = catalog.map(({ resource }) => resource).filter(({ isComputed }) => isComputed);
  const named = [...resources, gadgets, gadgetReviews, ...new Set(computed)];
  assert.deepEqual(Object.keys(pages).sort(), named.map((one) => `${pageNameOf(one)}.md`).sort());
  assert.equal(pages['users.md'], referencePages()['users.md']);
  const page = pages['gadgets.md']!;
  assert.match(page, /^# Gadgets$/m);
  assert.deepEqual(
    [...page.matchAll(/^\| `([A-Z]+ [^`]+)`/gm)].map(([, route]) => route),
    gadgetsRoutes.map(({ method, path }) => `${method} ${path}`),
  );
  assert.deepEqual(
    [...page.matchAll(/^\| `([a-z_]+)`/gm)].map(([, name]) => name),
    gadgets.names,
  );
  assert.match(page, /^\| `pairing_code` \| secret or null \| the owner of the gadget \| /m);
  const reviews = pages['gadget_reviews.md']!;
  assert.doesNotMatch(pages['users.md']!, /Relationships/);
  assert.doesNotMatch(reviews, /^\| `gadget_id`/m);
  assert.match(
    reviews,
    /^- `gadget` \(`gadgets`\): The gadget\. Documents always carry its id\. Filter: `gadget_id`\. Writable in POST by the author\.$/m,
  );
  const passwords = pages['passwords.md']!;
  assert.match(passwords, /^\| `first_password` \| boolean \| Whether /m);
  assert.match(
    passwords,
    /^## Attributes of `PATCH \/api\/v2\/passwords\/\{token\}`\n\n.*\n.*\n\| `password` \| yes \| /m,
  );
  assert.doesNotMatch(passwords, /filter/);
  assert.match(page, /searches for words in `name`, `nickname`, `contact`\./);
});

const included = (marker: string) =>
  includeCode(`text\n\n<!-- code: ${marker} -->\n\n\`\`\`ts\nold\n\`\`\`\n`);

test('a page includes the code that its comments name, without indentation and marks', () => {
  assert.match(
    included('test/support/toy/gadgets.ts secret'),
    /^text\n\n<!-- code: \S+ secret -->\n\n```ts\npairing_code: \{\n {2}kind: [^`]+\n\},\n```\n$/,
  );
  const whole = included('test/support/toy/gadgets.ts');
  assert.ok(whole.includes('\nexport const gadgets = defineResource({\n  type:'));
  assert.ok(!whole.includes('region'));
  for (const marker of ['test/support/toy/gadgets.ts nowhere', 'test/support/toy/nothing.ts'])
    assert.throws(() => included(marker));
});
