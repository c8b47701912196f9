// The physical limit: a server of node:http only, which answers every request with the same document; on demand, after
// hashing a password.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { passwordHasher } from '../src/security/passwords.ts';

const body = readFileSync(process.argv[2]!);
const headers = { 'Content-Type': 'application/vnd.api+json; charset=utf-8', 'Content-Length': body.length };

const passwords = process.argv[3] === 'hashing' ? passwordHasher(1000) : null;

const server = createServer(async (request, response) => {
  request.resume();
  await passwords?.run('signed_in', (hashing) => hashing.hash('bench password 1'));
  response.writeHead(200, headers);
  response.end(body);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`);
});
