// A web server with pages of its own whose users sign in with Muster. The browser gets a cookie with the id of a session
// of this server. The token of Muster stays here.

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

const api = process.env.API ?? 'http://127.0.0.1:3000/api/v2';
/** What the URL of this server begins with in browsers: https, or http://localhost. */
const origin = process.env.ORIGIN ?? 'http://localhost:8080';
const port = Number(process.env.PORT ?? 8080);

/**
 * Tokens of Muster, by the ids in the cookies. A real server keeps them in its database, as secret as passwords: in
 * memory they are lost at a restart, and other processes do not see them.
 */
const tokens = new Map();
const cookieName = '__Host-session';

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    if (response.headersSent) response.destroy();
    else sendPage(response, 502, '<p>The service is not available. Try again.</p>');
  });
});
server.listen(port, '127.0.0.1', () => console.log(`Listening on port ${server.address().port}`));

async function answer(request, response) {
  const form = request.method === 'POST' ? await readForm(request) : null;
  // Every browser sends Origin with a POST. So no other site can send the forms of this one, the sign-in included.
  if (form !== null && request.headers.origin !== origin)
    return sendPage(response, 403, '<p>This form was sent from another site.</p>');
  switch (`${request.method} ${request.url}`) {
    case 'GET /':
      return showDevices(request, response);
    case 'POST /sign-in':
      return signIn(request, response, form);
    case 'POST /end':
      return endDevice(request, response, form);
    case 'POST /end-others':
      return endOthers(request, response);
    case 'POST /sign-out':
      return signOut(request, response);
    default:
      return sendPage(response, 404, '<p>There is no such page.</p>');
  }
}

async function signIn(request, response, form) {
  const attributes = { email: form.get('email'), password: form.get('password') };
  const answer = await muster(request, 'POST', '/sessions', null, { type: 'sessions', attributes });
  if (answer.status !== 201) {
    // 401 and 422 are about what was typed. 429 and 503 say how long to wait.
    const wait = answer.headers.get('Retry-After');
    const text = wait === null ? answer.document.errors[0].detail : `Try again in ${wait} seconds`;
    return sendSignInForm(response, wait === null ? 422 : answer.status, text);
  }
  // The old session ends, and the new one has a new id: nobody can sign others in to a session whose id they know.
  await endSession(request);
  const id = randomBytes(32).toString('base64url');
  tokens.set(id, answer.document.data.attributes.token);
  redirect(response, `${cookieName}=${id}; Path=/; Secure; HttpOnly; SameSite=Lax`);
}

async function signOut(request, response) {
  await endSession(request);
  redirect(response, `${cookieName}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`);
}

async function endSession(request) {
  const token = tokenOf(request);
  if (token === null) return;
  tokens.delete(cookieOf(request));
  await muster(request, 'DELETE', '/sessions/current', token);
}

async function showDevices(request, response) {
  const path = '/sessions?filter[machine]=false&sort=-last_activity_at';
  const answer = await asUser(request, response, 'GET', path);
  if (answer === null) return;
  const { data, meta } = answer.document;
  const devices = data.map(({ id, attributes: { browser, platform, last_ip, last_activity_at } }) => {
    const what = [browser, platform, last_ip].filter(Boolean).map(escaped).join(', ');
    const end = id === meta.current ? 'this device' : button('/end', 'End', id);
    return `<li>${what}, last used ${escaped(last_activity_at)} ${end}</li>`;
  });
  const buttons = button('/end-others', 'End all others') + button('/sign-out', 'Sign out');
  sendPage(response, 200, `<h1>Devices</h1><ul>${devices.join('')}</ul>${buttons}`);
}

async function endDevice(request, response, form) {
  const id = encodeURIComponent(form.get('id') ?? '');
  if ((await asUser(request, response, 'DELETE', `/sessions/${id}`)) !== null) redirect(response);
}

async function endOthers(request, response) {
  if ((await asUser(request, response, 'DELETE', '/sessions')) !== null) redirect(response);
}

/** @returns null if nobody is signed in, or no longer; then the response is the form */
async function asUser(request, response, method, path) {
  const token = tokenOf(request);
  const answer = token === null ? null : await muster(request, method, path, token);
  if (answer === null || answer.status === 401) {
    tokens.delete(cookieOf(request));
    sendSignInForm(response, 200, '');
    return null;
  }
  // Ended in the meantime, which is what was asked for.
  if (answer.status >= 400 && answer.status !== 404) throw new Error(`${method} ${path}: ${answer.status}`);
  return answer;
}

async function muster(request, method, path, token, data) {
  const forwarded = [request.headers['x-forwarded-for'], request.socket.remoteAddress];
  const answer = await fetch(api + path, {
    method,
    headers: {
      // Muster believes this header from the addresses in MUSTER_TRUSTED_PROXIES.
      'X-Forwarded-For': forwarded.filter(Boolean).join(', '),
      'User-Agent': request.headers['user-agent'] ?? '',
      ...(token && { 'X-Auth-Token': token }),
      ...(data && { 'Content-Type': 'application/vnd.api+json' }),
    },
    body: data && JSON.stringify({ data }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, document: text === '' ? null : JSON.parse(text) };
}

function cookieOf(request) {
  const cookies = (request.headers.cookie ?? '').split('; ').map((cookie) => cookie.split('='));
  return cookies.find(([name]) => name === cookieName)?.[1] ?? null;
}

function tokenOf(request) {
  return tokens.get(cookieOf(request)) ?? null;
}

async function readForm(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > 10_000) throw new Error('The form is too large');
  }
  return new URLSearchParams(text);
}

function redirect(response, cookie) {
  response.writeHead(303, { Location: '/', ...(cookie && { 'Set-Cookie': cookie }) }).end();
}

function sendSignInForm(response, status, text) {
  const fields =
    '<label>Email <input name="email" type="email" autocomplete="username"></label>' +
    '<label>Password <input name="password" type="password" autocomplete="current-password"></label>';
  const form = `<form method="post" action="/sign-in">${fields}<button>Sign in</button></form>`;
  sendPage(response, status, `<h1>Sign in</h1><p>${escaped(text)}</p>${form}`);
}

function sendPage(response, status, body) {
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    // Not no-referrer: then browsers send `Origin: null` with forms.
    'Referrer-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  });
  response.end(`<!doctype html><html lang="en"><title>Example</title>${body}</html>`);
}

function button(action, text, id = '') {
  const field = `<input type="hidden" name="id" value="${escaped(id)}">`;
  return `<form method="post" action="${action}">${field}<button>${text}</button></form>`;
}

function escaped(text) {
  return String(text).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
