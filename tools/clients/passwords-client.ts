// What a test asks of client libraries: an application in which somebody sets a password by a link in a mail.

export interface PasswordsClient {
  ask(email: string): Promise<void>;
  /** @returns what the link shows */
  show(token: string): Promise<{ id: string; email: string; firstPassword: boolean }>;
  /** Sends what the link has shown back, with the new password. */
  reset(token: string, password: string): Promise<void>;
  /** The texts of an error that a method was rejected with. */
  detailsOf(error: unknown): string[];
}

/** @param url `http://127.0.0.1:3000/api/v2` */
export type MakePasswordsClient = (url: string) => PasswordsClient;
