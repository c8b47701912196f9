// Confirms a new email address with the link of a mail. Opening the page confirms nothing, because programs that look for
// harmful mails open links too.

import { call } from './api.js';
import { fail, finish, onSubmit, show, showErrors, token } from './page.js';

if (token === null) show('incomplete');
else await confirm(['email_confirmations', token]);

/** @param {readonly string[]} path of the link */
async function confirm(path) {
  const found = await call('GET', path);
  if (found.status !== 200) {
    fail(found);
    return;
  }
  const { email } = found.data.attributes;
  onSubmit('confirm', async (_values, form) => {
    const answer = await call('PATCH', path);
    if (answer.status === 204) finish('done', { email });
    else showErrors(form, answer);
  });
  show('confirm', { email });
}
