// A part of the port: which other system accounts and organizations have come from, and their ids there.

export interface Origin {
  /** Name of the system. */
  readonly source: string;
  /** Null if the system has not told it. */
  readonly externalId: string | null;
  /** Whether the system has confirmed the address; null if it has not told. */
  readonly emailVerified: boolean | null;
  /** What has no other place, as a JSON object. */
  readonly details: string;
}

/** An id in a system. */
export interface ExternalId {
  readonly source: string;
  readonly externalId: string;
}

export interface Origins {
  /** The users that have come with these ids: their ids here, by `externalIdKey`. */
  usersOf(ids: readonly ExternalId[]): Promise<Map<string, number>>;
  /** The same for organizations. */
  organizationsOf(ids: readonly ExternalId[]): Promise<Map<string, number>>;
  /**
   * The ids in other systems of the users with these addresses; users without one are left out.
   * @param emailKeys see `mailboxKeys`
   */
  ofAddresses(emailKeys: readonly string[]): Promise<Map<string, ExternalId>>;
  /** Users with this id in any system, in ascending order of their ids. */
  usersWith(externalId: string, source: string | null): Promise<number[]>;
  /** By user; users that have not been imported are left out. */
  listOf(userIds: readonly number[]): Promise<Map<number, Origin>>;
  /** Where an organization has come from; null if it was not imported with an id. */
  ofOrganization(organizationId: number): Promise<ExternalId | null>;
  /** @throws UniqueViolation */
  insertMany(rows: readonly (Origin & { readonly userId: number })[]): Promise<void>;
  /** @throws UniqueViolation */
  insertOrganization(organizationId: number, id: ExternalId): Promise<void>;
}

/** Equal for equal ids of one system. */
export function externalIdKey({ source, externalId }: ExternalId): string {
  return `${source}\n${externalId}`;
}

export function externalIdOfKey(key: string): ExternalId {
  const end = key.indexOf('\n');
  return { source: key.slice(0, end), externalId: key.slice(end + 1) };
}
