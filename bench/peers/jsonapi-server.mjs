// jsonapi-server with its own in-memory store. Each request looks up a token.

import { readFileSync } from 'node:fs';
import jsonApi from 'jsonapi-server';

const people = JSON.parse(readFileSync(process.env.PEOPLE, 'utf8'));
const tokens = new Set([process.env.TOKEN]);
const port = Number(process.env.PORT);

jsonApi.setConfig({ protocol: 'http', hostname: '127.0.0.1', port, base: 'rest', graphiql: false });
jsonApi.authenticate((request, done) =>
  tokens.has(request.headers['x-auth-token']) ? done() : done(new Error('not authenticated')),
);
const attributes = Object.fromEntries(
  Object.keys(people[0])
    .filter((name) => name !== 'id')
    .map((name) => [name, jsonApi.Joi.any()]),
);
jsonApi.define({
  resource: 'users',
  handlers: new jsonApi.MemoryHandler(),
  attributes,
  examples: people.map((person) => ({ ...person, type: 'users' })),
});
jsonApi.start();
jsonApi.getExpressServer().keepAliveTimeout = 60_000;
console.log(`listening ${port}`);
