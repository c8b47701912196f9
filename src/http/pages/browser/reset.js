// Sets a new password with the link of a mail. Without a link, asks for that mail.

import { call } from './api.js';
import { fail, finish, onSubmit, show, showErrors, token } from './page.js';

onSubmit('ask', async ({ email = '' }, form) => {
  const answer = await call('POST', ['passwords'], { email: email.trim() });
  if (answer.status === 204) show('asked', { email: email.trim() });
  else showErrors(form, answer);
});

if (token === null) show('ask');
else await set(['passwords', token]);

/** @param {readonly string[]} path of the link */
async function set(path) {
  const found = await call('GET', path);
  if (found.status !== 200) {
    fail(found);
    return;
  }
  const { email, first_password: isFirst } = found.data.attributes;
  const name = isFirst ? 'first' : 'set';
  onSubmit(name, async ({ password }, form) => {
    const endsTokens = form.querySelector('input[type="checkbox"]:checked') !== null;
    const answer = await call('PATCH', path, {
      password,
      password_confirmation: password,
      ...(endsTokens && { end_api_tokens: true }),
    });
    if (answer.status === 204) finish(isFirst ? 'done-first' : 'done');
    else showErrors(form, answer);
  });
  show(name, { email });
}
