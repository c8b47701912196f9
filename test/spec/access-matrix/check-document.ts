// Compares resource objects with what their reader may read.

import assert from 'node:assert/strict';
import { type Asker, type Expectation, isAmong, type Subject } from './expectation.ts';
import type { Matrix } from './start-matrix.ts';

/**
 * The attributes that the reader must find null.
 * @param isIncluded whether the record is in `included`
 */
export function nullsOf(
  matrix: Matrix,
  asker: Asker,
  expectation: Expectation,
  subject: Subject,
  isIncluded = false,
): string[] {
  const row = matrix.rowOf(expectation, subject);
  const is = expectation.is(asker, subject);
  return [...expectation.attributes]
    .filter(
      ([name, { reads }]) =>
        row[name] === null || !isAmong(reads, is) || (isIncluded && expectation.notIncluded.includes(name)),
    )
    .map(([name]) => name);
}

/** All attributes, of which those are null that the reader may not read. */
export function checkObject(
  matrix: Matrix,
  asker: Asker,
  expectation: Expectation,
  subject: Subject,
  object: any,
  isIncluded = false,
): void {
  assert.deepEqual([object.type, object.id], [expectation.type, String(matrix.idOf(expectation, subject))]);
  assert.deepEqual(Object.keys(object.attributes), [...expectation.attributes.keys()]);
  assert.deepEqual(nullNames(object), nullsOf(matrix, asker, expectation, subject, isIncluded), subject.name);
}

export function nullNames({ attributes }: any): string[] {
  return Object.keys(attributes).filter((name) => attributes[name] === null);
}

/** The records that the caller sees, in the order of their ids. */
export function seenBy(matrix: Matrix, asker: Asker, expectation: Expectation): Subject[] {
  return expectation.subjects
    .filter((subject) => expectation.sees(asker, subject))
    .sort((a, b) => matrix.idOf(expectation, a) - matrix.idOf(expectation, b));
}

export function idsOf(matrix: Matrix, expectation: Expectation, subjects: readonly Subject[]): number[] {
  return subjects.map((subject) => matrix.idOf(expectation, subject));
}
