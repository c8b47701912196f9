import { sql } from 'kysely';
import type { Engine } from '../sql/engine.ts';

export const inList: Engine['inList'] = (number, list) =>
  sql<boolean>`${number} in (select value from json_each(${list.map(JSON.stringify)}))`;
