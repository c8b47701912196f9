// Reads a password from the terminal or from standard input.

import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandError } from '../print.ts';

export interface PasswordSource {
  readonly passwordStdin?: boolean;
  readonly generate?: boolean;
}

/** Far more than the longest password. */
const maxBytes = 64 * 1024;

/**
 * Reads all of standard input, without the line break at its end.
 * @throws CommandError if it is too long, has several lines, or is not UTF-8
 */
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
    throw new CommandError('Standard input has more than one line; it must contain only the password');
  return text;
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CommandError('The password on standard input is not UTF-8', { cause });
  }
}

/**
 * Asks for the password twice at the terminal, without showing it.
 * @throws CommandError if there is no terminal, if it is cancelled, or if the two passwords differ
 */
export async function passwordFromTerminal(): Promise<string> {
  if (!process.stdin.isTTY)
    throw new CommandError(
      'There is no terminal to type the password. Use --password-stdin to read it from standard input, or --generate to generate one.',
    );
  // readline echoes what is typed; this drops it.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  // Ctrl-C and Ctrl-D end this iterator.
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
    if (first !== (await ask('Repeat the new password: ')))
      throw new CommandError('The two passwords differ. Nothing was changed.');
    return first;
  } finally {
    terminal.close();
  }
}
