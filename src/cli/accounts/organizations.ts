// The commands for organizations. They work directly on the database, so the service may be running or stopped.

import type { Config } from '../../config.ts';
import type { Attributes } from '../../jsonapi/read-document.ts';
import { type Zone, zone } from '../../model/zone.ts';
import { createRecord } from '../../resources/operations/create.ts';
import { deleteRecord } from '../../resources/operations/delete.ts';
import { updateRecord } from '../../resources/operations/update.ts';
import { organizationRules } from '../../resources/organizations/organization-rules.ts';
import { type Organization, organizations } from '../../resources/organizations/organizations.ts';
import type { Store } from '../../store/store.ts';
import { pagesOfRows } from '../import-export/pages-of-rows.ts';
import { type OutputOptions, printPages, printRecord, Time } from '../print.ts';
import { readGivenAttributes } from './given-attributes.ts';
import { organizationOf } from './named-records.ts';
import { operatorOf } from './operator.ts';
import { shownAttributes } from './shown-attributes.ts';

export async function createOrganizationCommand(
  store: Store,
  config: Config,
  name: string,
  output: OutputOptions,
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const created = await createRecord(organizationRules, services, writer, { name });
  printRecord(summary(created, services.zone), output);
}

export async function listOrganizationsCommand(
  store: Store,
  config: Config,
  output: OutputOptions,
): Promise<void> {
  const timeZone = zone(config.timeZone);
  async function* pages() {
    for await (const page of pagesOfRows(store, organizations))
      yield page.map((organization) => summary(organization, timeZone));
  }
  await printPages(pages(), output);
}

export async function showOrganizationCommand(
  store: Store,
  config: Config,
  organization: string,
  output: OutputOptions,
): Promise<void> {
  const found = await organizationOf(store.read, organization);
  const origin = await store.read.origins.ofOrganization(found.id);
  printRecord(
    {
      ...shownAttributes(organizations, found, zone(config.timeZone)),
      source: origin?.source ?? null,
      external_id: origin?.externalId ?? null,
    },
    output,
  );
}

export function renameOrganizationCommand(
  store: Store,
  config: Config,
  organization: string,
  name: string,
  output: OutputOptions,
): Promise<void> {
  return change(store, config, organization, { name }, output);
}

/**
 * Changes attributes that at least some caller may write.
 * @param changes `attribute=value`, with the value as in a CSV cell
 */
export async function updateOrganizationCommand(
  store: Store,
  config: Config,
  organization: string,
  changes: readonly string[],
  output: OutputOptions,
): Promise<void> {
  await change(store, config, organization, readGivenAttributes(organizations, changes), output);
}

export async function deleteOrganizationCommand(
  store: Store,
  config: Config,
  organization: string,
  output: OutputOptions,
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const { id } = await organizationOf(store.read, organization);
  await deleteRecord(organizationRules, services, writer, id);
  printRecord({ id, deleted: true }, output);
}

async function change(
  store: Store,
  config: Config,
  organization: string,
  attributes: Attributes,
  output: OutputOptions,
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const { id } = await organizationOf(store.read, organization);
  const changed = await updateRecord(organizationRules, services, writer, id, attributes);
  printRecord(summary(changed, services.zone), output);
}

function summary({ id, name, slug, created_at }: Organization, timeZone: Zone) {
  return { id, name, slug, created_at: new Time(created_at, timeZone) };
}
