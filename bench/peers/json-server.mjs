// json-server on a file, as its own command starts it, without the log of requests. It asks nobody who they are.

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
