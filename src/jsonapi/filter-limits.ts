// Limits the cost of a whole filter. Limits for a single condition are not enough, because groups multiply them.

import { ApiError } from '../errors.ts';
import { type Filter, trigramLength } from '../model/query.ts';
import { codePoints, fold } from '../model/text.ts';

export interface FilterCostLimits {
  readonly maxSearchedTexts: number;
  readonly maxUnindexedTexts: number;
}

/** SQLite allows 32,766 parameters in a statement, PostgreSQL 65,535. A value of a name needs two. */
const maxValues = 10_000;

interface Cost {
  values: number;
  /** Texts to search for. */
  searched: number;
  /** Texts that may require reading every record: too short for the trigram index, or in not_contain. */
  unindexed: number;
}

/** @throws ApiError unsupported_filter */
export function checkFilterCost(filter: Filter | null, limits: FilterCostLimits): void {
  if (filter === null) return;
  const cost: Cost = { values: 0, searched: 0, unindexed: 0 };
  addCost(filter, cost);
  if (cost.values > maxValues) throw tooMuch(`More than ${maxValues} filter values in all are not supported`);
  if (cost.unindexed > limits.maxUnindexedTexts)
    throw tooMuch(
      `More than ${limits.maxUnindexedTexts} texts of fewer than ${trigramLength} characters, or of not_contain, are not ` +
        'supported in one query: they may require reading every record',
    );
  if (cost.searched > limits.maxSearchedTexts)
    throw tooMuch(
      `More than ${limits.maxSearchedTexts} texts to search for (contains, not_contain, words of query) are not supported in one query`,
    );
}

function addCost(filter: Filter, cost: Cost): void {
  if ('words' in filter) addTexts(filter.words, false, cost);
  else if ('attribute' in filter) {
    cost.values += filter.values.length;
    const { operator, values } = filter;
    if (operator === 'contains' || operator === 'not_contain')
      addTexts(
        values.filter((value) => typeof value === 'string'),
        operator === 'not_contain',
        cost,
      );
  } else if ('link' in filter) cost.values += filter.others.length;
  else for (const part of (filter.all ?? filter.any)!) addCost(part, cost);
}

function addTexts(texts: readonly string[], isUnindexed: boolean, cost: Cost): void {
  cost.searched += texts.length;
  for (const text of texts) {
    if (isUnindexed || codePoints(fold(text)) < trigramLength) cost.unindexed++;
  }
}

function tooMuch(detail: string): ApiError {
  return new ApiError('unsupported_filter', { detail, parameter: 'filter' });
}
