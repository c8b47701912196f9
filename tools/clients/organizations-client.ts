// What a test asks of every client library: the walk of an application through organizations, memberships and people.

export interface OrganizationsClient {
  /** The first element of the sign-in query, with its included records. */
  signIn(): Promise<{ firstName: string; organization: string }>;
  namesOfOrganizations(): Promise<string[]>;
  /** `email, organization` of all people, in pages of two. By cursors, if the library can. */
  people(): Promise<string[]>;
  /** `role first name` of all memberships of an organization, in pages of two. */
  members(organizationId: string): Promise<string[]>;
  /** @returns the new role as the response has it */
  changeRole(membershipId: string, role: string): Promise<string>;
  /** @returns the id of the membership */
  addMember(member: { organizationId: string; userId: string; role: string }): Promise<string>;
  removeMember(membershipId: string): Promise<void>;
  /** Asks for the membership with an include. */
  include(membershipId: string, path: string): Promise<unknown>;
  /** The texts of an error that a method was rejected with, where the library has them. */
  detailsOf(error: unknown): Promise<string[]> | string[];
}

/** @param url `http://127.0.0.1:3000/api/v2` */
export type MakeClient = (url: string, token: string) => OrganizationsClient;

/** The fields of the sign-in query of real clients. */
export const signInFields = {
  organization_memberships: 'person,organization',
  people: 'first_name,last_name,email',
  organizations: 'name',
};

/** The value of `page[after]` for the next page; null on the last one. */
export function cursorOf(links: { readonly next?: string | undefined }): string | null {
  return links.next === undefined ? null : new URL(links.next).searchParams.get('page[after]');
}
