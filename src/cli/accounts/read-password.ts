// Where a command takes a password from: the terminal, standard input, or nowhere, and then it makes one.

import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandError } from '../print.ts';

export interface PasswordSource {
  readonly passwordStdin?: boolean;
  readonly generate?: boolean;
}

/** Far more than any password may have. */
const maxBytes = 64 * 1024;

/** All of standard input, without the line break at its end. @throws CommandError */
export async function passwordFromStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    length += chunk.length;
    if (length > maxBytes) throw new CommandError('The password on standard input is too long');
    chunks.push(chunk);
  }
  const text = decode(Buffer.concat(chunks)).replace(/\r?\n$/, '');
  if (/[\r\n]/.test(text))
    throw new CommandError('Standard input has more than one line; it must hold the password alone');
  return text;
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CommandError('The password on standard input is not UTF-8', { cause });
  }
}

/** Asks twice at the terminal, without showing what is typed. @throws CommandError */
export async function passwordFromTerminal(): Promise<string> {
  if (!process.stdin.isTTY)
    throw new CommandError(
      'There is no terminal to type the password at. Use --password-stdin to give it on standard input, or --generate to have one made.',
    );
  // What readline echoes goes nowhere.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  // Ctrl-C and Ctrl-D end the lines.
  const lines = terminal[Symbol.asyncIterator]();
  const ask = async (prompt: string): Promise<string> => {
    process.stderr.write(prompt);
    const line = await lines.next();
    process.stderr.write('\n');
    if (line.done) throw new CommandError('Cancelled. Nothing was changed.');
    return line.value;
  };
  try {
    const first = await ask('New password: ');
    if (first !== (await ask('The same again: ')))
      throw new CommandError('The two passwords are not the same. Nothing was changed.');
    return first;
  } finally {
    terminal.close();
  }
}
