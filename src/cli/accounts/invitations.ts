// The commands for invitations. They work directly on the database, so the service may be running or stopped.

import type { Config } from '../../config.ts';
import type { Role } from '../../model/actor.ts';
import { equals } from '../../model/query.ts';
import { type Zone, zone } from '../../model/zone.ts';
import { byHand, byMail, type InvitationDelivery } from '../../resources/invitations/deliver-invitation.ts';
import { invitationRules, invitationRulesBy } from '../../resources/invitations/invitation-rules.ts';
import { type Invitation, invitations } from '../../resources/invitations/invitations.ts';
import { resendInvitation } from '../../resources/invitations/resend.ts';
import { createRecord } from '../../resources/operations/create.ts';
import { deleteRecord } from '../../resources/operations/delete.ts';
import type { WriteServices } from '../../resources/operations/write-rules.ts';
import type { Store } from '../../store/store.ts';
import { type OutputOptions, printRecord, Time, time } from '../print.ts';
import { serviceAddress } from '../service-address.ts';
import { invitationOf, organizationOf } from './named-records.ts';
import { operatorOf } from './operator.ts';
import { printRecords } from './print-records.ts';

export interface NewInvitation {
  readonly role: Role;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly expiresAt?: string;
}

export interface DeliveryOptions extends OutputOptions {
  /** Instead of the mail. Where there is no SMTP, nobody would get it, so the link is printed. */
  readonly print?: boolean;
}

export async function createInvitationCommand(
  store: Store,
  config: Config,
  { organization, email }: { readonly organization: string; readonly email: string },
  { role, firstName, lastName, expiresAt }: NewInvitation,
  options: DeliveryOptions,
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const { id } = await organizationOf(store.read, organization);
  const attributes = {
    email,
    role,
    ...(firstName !== undefined && { first_name: firstName }),
    ...(lastName !== undefined && { last_name: lastName }),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
  };
  await printDelivered(services, config, options, (delivery) =>
    createRecord(invitationRulesBy(delivery), services, writer, attributes, {
      fixed: { organization_id: id },
    }),
  );
}

export async function resendInvitationCommand(
  store: Store,
  config: Config,
  invitation: string,
  options: DeliveryOptions,
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const known = await invitationOf(store.read, invitation);
  await printDelivered(services, config, options, (delivery) =>
    resendInvitation(services, writer, known, () => {}, delivery),
  );
}

async function printDelivered(
  { mail }: Pick<WriteServices, 'mail'>,
  config: Config,
  { print, ...output }: DeliveryOptions,
  send: (delivery: InvitationDelivery) => Promise<Invitation>,
): Promise<void> {
  let link: string | null = null;
  const delivery =
    mail.mode === 'smtp' && !print
      ? byMail
      : byHand(serviceAddress(config), (made) => {
          link = made;
        });
  const summary = summaryOf(await send(delivery), zone(config.timeZone));
  const note = 'Hand this link over safely: whoever has it can accept the invitation. It is not shown again';
  printRecord({ ...summary, ...(link === null ? { mailed: true } : { link, note }) }, output);
}

export interface ListedInvitations {
  /** An id; without it, invitations to all organizations. */
  readonly organization?: string;
  readonly limit: number;
}

export async function listInvitationsCommand(
  store: Store,
  config: Config,
  { organization, limit }: ListedInvitations,
  output: OutputOptions,
): Promise<void> {
  const timeZone = zone(config.timeZone);
  const filter =
    organization === undefined
      ? null
      : equals('organization_id', (await organizationOf(store.read, organization)).id);
  await printRecords(
    store,
    invitations,
    { filter, limit, what: 'invitations', summaryOf: (invitation) => summaryOf(invitation, timeZone) },
    output,
  );
}

export async function deleteInvitationCommand(
  store: Store,
  config: Config,
  invitation: string,
  output: OutputOptions,
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const { id, organization_id, email } = await invitationOf(store.read, invitation);
  await deleteRecord(invitationRules, services, writer, id);
  printRecord({ id, organization_id, email, deleted: true }, output);
}

function summaryOf(invitation: Invitation, timeZone: Zone) {
  const { id, organization_id, person_id, email, role, expires_at, token_expires_at } = invitation;
  return {
    ...{ id, organization_id, person_id, email, role },
    expires_at: time(expires_at, timeZone),
    token_expires_at: new Time(token_expires_at, timeZone),
  };
}
