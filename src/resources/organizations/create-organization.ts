import { ApiError, violation } from '../../errors.ts';
import { organizationName } from '../../model/kinds.ts';
import type { Organization } from '../../store/accounts.ts';
import type { Writer, WriteServices } from '../operations/write-rules.ts';

/** @throws ApiError */
export async function createOrganization(
  { clock, zone }: WriteServices,
  writer: Writer,
  name: string,
): Promise<Organization> {
  const checked = organizationName.check(name, zone);
  if ('violations' in checked) throw ApiError.of(checked.violations.map((rule) => violation('name', rule)));
  return writer.write(({ organizations }) => organizations.create(checked.value, clock()));
}
