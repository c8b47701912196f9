// json-server on a file, configured like its own command, but without a request log. It has no authentication.

import { readFileSync, writeFileSync } from 'node:fs';
import jsonServer from 'json-server';

const people = JSON.parse(readFileSync(process.env.PEOPLE, 'utf8'));
const file = `${process.env.PEOPLE}.json-server.json`;
writeFileSync(
  file,
  JSON.stringify({ users: people.map(({ id, ...rest }) => ({ id: Number(id), ...rest })) }),
);

const app = jsonServer.create();
app.use(jsonServer.defaults({ logger: false }));
app.use(jsonServer.router(file));
const server = app.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
