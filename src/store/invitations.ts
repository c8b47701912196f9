// A part of the port: queries of invitations that no record operation answers.

export interface Invitations {
  /** The first invitations of an organization, in ascending order of their ids. */
  idsIn(organizationId: number, limit: number): Promise<number[]>;
  /** Invitations that have no purpose any more, because of these memberships: of the person, or to the account's address. */
  idsOfMembers(membershipIds: readonly number[]): Promise<number[]>;
  /** Invitations of an account that has left to come back. */
  idsOfUser(userId: number): Promise<number[]>;
  /** Deletes them, and those of their people who never joined. */
  erase(ids: readonly number[]): Promise<void>;
}
