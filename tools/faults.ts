// Faults that the suite must notice, each a small change of the source that a person could make.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { anyResourceFaults } from './faults/any-resource-faults.ts';
import { cliFaults } from './faults/cli-faults.ts';
import { deliveryFaults } from './faults/delivery-faults.ts';
import { httpFaults } from './faults/http-faults.ts';
import { modelFaults } from './faults/model-faults.ts';
import { onceUnnoticedFaults } from './faults/once-unnoticed-faults.ts';
import { resourceFaults } from './faults/resource-faults.ts';
import { securityFaults } from './faults/security-faults.ts';
import { storeFaults } from './faults/store-faults.ts';

export interface Fault {
  /** What goes wrong, in words. */
  readonly name: string;
  /** Below the project's folder. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The test files that are nearest. */
  readonly tests: readonly string[];
  /** The only engine on which the fault shows; without it each must notice. */
  readonly engine?: 'sqlite' | 'postgres';
}

/** Those that the suite did not notice at first come first. */
export const faults: readonly Fault[] = [
  ...onceUnnoticedFaults,
  ...storeFaults,
  ...anyResourceFaults,
  ...modelFaults,
  ...securityFaults,
  ...resourceFaults,
  ...httpFaults,
  ...deliveryFaults,
  ...cliFaults,
];

/**
 * @param root the project's folder
 * @returns the file with the fault in it; undefined if the text to replace does not occur exactly once
 */
export function withFault(root: string, { file, find, replace }: Fault): string | undefined {
  if (!existsSync(join(root, file))) return undefined;
  const parts = readFileSync(join(root, file), 'utf8').split(find);
  return parts.length === 2 ? parts.join(replace) : undefined;
}
