// What a test asks of client libraries: an application in which somebody signs in and sees and ends sessions.

export interface SessionsClient {
  /** Sends this token from now on. */
  useToken(token: string): void;
  signIn(account: { email: string; password: string; name: string }): Promise<Made>;
  /** @returns the names of the sessions, and the id of the one that asks */
  sessions(): Promise<{ names: string[]; current: string }>;
  /** Creates an API token that may only read. */
  createToken(name: string): Promise<Made>;
  /** @returns the new name as the response has it */
  rename(id: string, name: string): Promise<string>;
  end(id: string): Promise<void>;
  /** The texts of an error that a method was rejected with. */
  detailsOf(error: unknown): string[];
}

export interface Made {
  readonly id: string;
  readonly token: string;
}

/** @param url `http://127.0.0.1:3000/api/v2` */
export type MakeSessionsClient = (url: string) => SessionsClient;
