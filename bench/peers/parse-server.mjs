// Parse Server on PostgreSQL: a class that signed-in users may read and change, 10,000 objects, and one session.

import { readFileSync, writeFileSync } from 'node:fs';
import { ParseServer } from 'parse-server';

const people = JSON.parse(readFileSync(process.env.PEOPLE, 'utf8'));
const port = Number(process.env.PORT);
const serverURL = `http://127.0.0.1:${port}/parse`;
const appId = 'bench';
const masterKey = process.env.TOKEN;

await ParseServer.startApp({
  databaseURI: process.env.PARSE_DATABASE_URI,
  appId,
  masterKey,
  serverURL,
  port,
  host: '127.0.0.1',
  mountPath: '/parse',
  logLevel: process.env.PARSE_LOG ?? 'error',
  silent: true,
  logsFolder: null,
});

const headers = { 'X-Parse-Application-Id': appId, 'Content-Type': 'application/json' };
const asMaster = { ...headers, 'X-Parse-Master-Key': masterKey };

async function call(method, path, body, by = asMaster) {
  const response = await fetch(`${serverURL}${path}`, { method, headers: by, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
  return answer;
}

const signedIn = { requiresAuthentication: true };
await call('POST', '/schemas/Person', {
  className: 'Person',
  classLevelPermissions: { get: signedIn, find: signedIn, count: signedIn, update: signedIn },
});
// The first one alone makes the columns.
const objects = people.map(({ id, updated_at, ...rest }) => ({
  ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)),
  number: Number(id),
}));
const ids = [(await call('POST', '/classes/Person', objects[0])).objectId];
for (let i = 1; i < objects.length; i += 500) {
  const requests = objects
    .slice(i, i + 500)
    .map((body) => ({ method: 'POST', path: '/parse/classes/Person', body }));
  for (const { success } of await call('POST', '/batch', { requests })) ids.push(success.objectId);
}
const { sessionToken } = await call(
  'POST',
  '/users',
  { username: 'bench', password: 'bench password 1' },
  headers,
);
writeFileSync(`${process.env.PEOPLE}.parse.json`, JSON.stringify({ sessionToken, ids }));
console.log(`listening ${port}`);
