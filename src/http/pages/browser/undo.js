// Gives an account its earlier email address back, with the link of the mail to that address.

import { call } from './api.js';
import { fail, finish, onSubmit, show, showErrors, token } from './page.js';

if (token === null) show('incomplete');
else await undo(['email_undos', token]);

/** @param {readonly string[]} path of the link */
async function undo(path) {
  const found = await call('GET', path);
  if (found.status !== 200) {
    fail(found);
    return;
  }
  const { email, password_needed: isPasswordNeeded } = found.data.attributes;
  const name = isPasswordNeeded ? 'undo-with-password' : 'undo';
  onSubmit(name, async ({ password }, form) => {
    const passwords = password === '' ? {} : { password, password_confirmation: password };
    const answer = await call('PATCH', path, passwords);
    if (answer.status === 204) finish('done', { email });
    else showErrors(form, answer);
  });
  show(name, { email });
}
