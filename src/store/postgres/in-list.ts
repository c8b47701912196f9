import { sql } from 'kysely';
import type { Engine } from '../sql/engine.ts';

export const inList: Engine['inList'] = (number, list) => sql<boolean>`${number} = any(${list}::bigint[])`;
