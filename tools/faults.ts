// Faults that the tests must notice. Each is a small change of the source, such as a programmer could make by mistake.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { acceptFaults } from './faults/accept-faults.ts';
import { accessFaults } from './faults/access-faults.ts';
import { anyResourceFaults } from './faults/any-resource-faults.ts';
import { archiveFaults } from './faults/archive-faults.ts';
import { cliFaults } from './faults/cli-faults.ts';
import { deliveryFaults } from './faults/delivery-faults.ts';
import { emailChangeFaults } from './faults/email-change-faults.ts';
import { endingFaults } from './faults/ending-faults.ts';
import { eventFaults } from './faults/event-faults.ts';
import { httpFaults } from './faults/http-faults.ts';
import { identityServiceFaults } from './faults/identity-service-faults.ts';
import { importFaults } from './faults/import-faults.ts';
import { invitationFaults } from './faults/invitation-faults.ts';
import { longReadFaults } from './faults/long-read-faults.ts';
import { mailFaults } from './faults/mail-faults.ts';
import { mailSendingFaults } from './faults/mail-sending-faults.ts';
import { mailTextFaults } from './faults/mail-text-faults.ts';
import { membershipFaults } from './faults/membership-faults.ts';
import { modelFaults } from './faults/model-faults.ts';
import { newDeviceFaults } from './faults/new-device-faults.ts';
import { onceUnnoticedFaults } from './faults/once-unnoticed-faults.ts';
import { organizationFaults } from './faults/organization-faults.ts';
import { originFaults } from './faults/origin-faults.ts';
import { pageFaults } from './faults/page-faults.ts';
import { passwordLinkFaults } from './faults/password-link-faults.ts';
import { peopleFaults } from './faults/people-faults.ts';
import { relationshipFaults } from './faults/relationship-faults.ts';
import { resourceFaults } from './faults/resource-faults.ts';
import { securityFaults } from './faults/security-faults.ts';
import { sessionFaults } from './faults/session-faults.ts';
import { signInFaults } from './faults/sign-in-faults.ts';
import { storeFaults } from './faults/store-faults.ts';
import { userTableFaults } from './faults/user-table-faults.ts';

export interface Fault {
  /** What goes wrong, in one sentence. */
  readonly name: string;
  /** Path below the project's folder. */
  readonly file: string;
  /** Must occur in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The test files that should notice it. */
  readonly tests: readonly string[];
  /** The only engine on which the fault has an effect. If undefined, the tests must notice it on each engine. */
  readonly engine?: 'sqlite' | 'postgres';
}

/** All faults. Those that the tests did not notice at first come first. */
export const faults: readonly Fault[] = [
  ...onceUnnoticedFaults,
  ...storeFaults,
  ...longReadFaults,
  ...anyResourceFaults,
  ...sessionFaults,
  ...modelFaults,
  ...securityFaults,
  ...signInFaults,
  ...newDeviceFaults,
  ...passwordLinkFaults,
  ...accessFaults,
  ...acceptFaults,
  ...relationshipFaults,
  ...emailChangeFaults,
  ...endingFaults,
  ...invitationFaults,
  ...resourceFaults,
  ...organizationFaults,
  ...membershipFaults,
  ...peopleFaults,
  ...eventFaults,
  ...httpFaults,
  ...deliveryFaults,
  ...mailFaults,
  ...mailTextFaults,
  ...pageFaults,
  ...mailSendingFaults,
  ...archiveFaults,
  ...cliFaults,
  ...identityServiceFaults,
  ...userTableFaults,
  ...importFaults,
  ...originFaults,
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
