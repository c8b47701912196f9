// What a test asks of client libraries: an application in which somebody joins an organization.

export interface InvitationsClient {
  /** Asks for an invitation with a join link. */
  ask(token: string, email: string): Promise<void>;
  /** @returns what the link shows */
  show(token: string): Promise<{ id: string; email: string; firstName: string }>;
  /** Sends what the link has shown back, with these names and the password. */
  accept(token: string, more: { first_name?: string; last_name: string; password: string }): Promise<void>;
  /** The texts of an error that a method was rejected with. */
  detailsOf(error: unknown): string[];
}

/** @param url `http://127.0.0.1:3000/api/v2` */
export type MakeInvitationsClient = (url: string) => InvitationsClient;
