// Compares resource objects with what their reader may read.

import assert from 'node:assert/strict';
import { type Asker, type Expectation, isAmong, type Subject } from './expectation.ts';
import { expectations } from './expectations.ts';
import type { Matrix } from './start-matrix.ts';

export interface Shown {
  /** The record is in `included`. */
  readonly isIncluded?: boolean;
  /** The relationships that `include` has loaded. */
  readonly loaded?: ReadonlySet<string>;
}

/** The attributes that the reader must find null. */
export function nullsOf(
  matrix: Matrix,
  asker: Asker,
  expectation: Expectation,
  subject: Subject,
  { isIncluded = false }: Shown = {},
): string[] {
  const row = matrix.rowOf(expectation, subject);
  const is = expectation.is(asker, subject);
  const isNull = (name: string, reads: readonly string[]) =>
    row[name] === null ||
    expectation.alwaysNull?.includes(name) ||
    !isAmong(reads, is) ||
    (isIncluded && expectation.notIncluded.includes(name));
  return [...expectation.attributes].filter(([name, { reads }]) => isNull(name, reads)).map(([name]) => name);
}

interface Target {
  readonly of: Expectation;
  readonly subject: Subject;
}

/** The other record, if there is one. */
function targetOf({ relationships }: Expectation, subject: Subject, relationship: string): Target | null {
  const { to, target } = relationships[relationship]!;
  const of = expectations.get(to)!;
  const found = of.subjects.find(({ name }) => name === target(subject));
  return found === undefined ? null : { of, subject: found };
}

/** The same, if the reader sees it. */
export function seenTarget(
  asker: Asker,
  expectation: Expectation,
  subject: Subject,
  relationship: string,
): Target | null {
  const target = targetOf(expectation, subject, relationship);
  return target?.of.sees(asker, target.subject) ? target : null;
}

/** All attributes, of which those are null that the reader may not read, and all relationships. */
export function checkObject(
  matrix: Matrix,
  asker: Asker,
  expectation: Expectation,
  subject: Subject,
  object: any,
  shown: Shown = {},
): void {
  const { type, attributes, relationships } = expectation;
  assert.deepEqual([object.type, object.id], [type, String(matrix.idOf(expectation, subject))]);
  assert.deepEqual(Object.keys(object.attributes), [...attributes.keys()]);
  assert.deepEqual(nullNames(object), nullsOf(matrix, asker, expectation, subject, shown), subject.name);
  const linkage = (name: string) => {
    const isLoaded = shown.loaded?.has(name) ?? false;
    if (!isLoaded && !relationships[name]!.isAlwaysLinked) return { meta: { included: false } };
    // The id alone is no secret: who sees the record may know to whom it refers.
    const target = isLoaded
      ? seenTarget(asker, expectation, subject, name)
      : targetOf(expectation, subject, name);
    return { data: target && { type: target.of.type, id: String(matrix.idOf(target.of, target.subject)) } };
  };
  const names = Object.keys(relationships);
  const expected = Object.fromEntries(names.map((name) => [name, linkage(name)]));
  assert.deepEqual(object.relationships, names.length === 0 ? undefined : expected, subject.name);
}

export function nullNames({ attributes }: any): string[] {
  return Object.keys(attributes).filter((name) => attributes[name] === null);
}

/** In the order of their ids. */
export function idsOf(matrix: Matrix, expectation: Expectation, subjects: readonly Subject[]): number[] {
  return subjects.map((subject) => matrix.idOf(expectation, subject)).sort((a, b) => a - b);
}
