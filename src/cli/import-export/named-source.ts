// The option --source of `users import`, for several systems of one kind: their ids may be the same, and mean others.

import { InvalidArgumentError } from 'commander';
import { sourceName, sourceNameForm } from '../../resources/users/read-origin.ts';
import type { FileRecord } from './files/file-record.ts';

export function parseSource(text: string): string {
  if (!sourceName.test(text)) throw new InvalidArgumentError(`must consist of ${sourceNameForm}`);
  return text;
}

/** Gives the accounts this name of their system. */
export async function* withSource(
  records: AsyncIterable<FileRecord>,
  source: string,
): AsyncGenerator<FileRecord> {
  for await (const record of records) {
    if (!('fields' in record)) yield record;
    else {
      const origin = { ...(record.fields.get('origin') as object), source };
      yield { ...record, fields: new Map([...record.fields, ['origin', origin]]) };
    }
  }
}
