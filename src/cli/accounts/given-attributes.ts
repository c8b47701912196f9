// Attributes of a record on the command line: `attribute=value`, with the value as in a CSV cell.

import type { Attributes } from '../../jsonapi/read-document.ts';
import { readCell } from '../../model/cell.ts';
import { JsonError } from '../../model/json.ts';
import type { Resource } from '../../model/resource.ts';
import { CommandError } from '../print.ts';

/** @throws CommandError if a text has no name or no `=`, if a name is repeated, or if a value must be JSON and is not */
export function readGivenAttributes(resource: Resource, given: readonly string[]): Attributes {
  const attributes = new Map<string, unknown>();
  for (const text of given) {
    const [name = '', ...value] = text.split('=');
    if (name === '') throw new CommandError(`'${text}' has no name: write NAME=VALUE`);
    if (value.length === 0)
      throw new CommandError(`${name} has no value: write ${name}=VALUE, or ${name}= to clear it`);
    if (attributes.has(name)) throw new CommandError(`${name} is given twice`);
    attributes.set(name, readValue(resource, name, value.join('=')));
  }
  return Object.fromEntries(attributes);
}

function readValue({ attributes }: Resource, name: string, text: string): unknown {
  const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (attribute === undefined) return text;
  try {
    return readCell(attribute.kind, text);
  } catch (error) {
    if (error instanceof JsonError) throw new CommandError(`${name} ${error.message}`);
    throw error;
  }
}
