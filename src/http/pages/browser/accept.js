// Accepts an invitation with the link of a mail. Somebody new sets a password. Whoever has an account gives its password: the
// page signs in, accepts, and signs out again. The session's token is only in the memory of this page.

import { call } from './api.js';
import { fail, finish, onSubmit, show, showErrors, token } from './page.js';

if (token === null) show('incomplete');
else await accept(['invitations', token]);

/** @param {readonly string[]} path of the link */
async function accept(path) {
  const found = await call('GET', path);
  if (found.status !== 200) {
    fail(found);
    return;
  }
  const { email, first_name = '', last_name = '' } = found.data.attributes;

  onSubmit('accept', async ({ first_name, last_name, password }, form) => {
    const answer = await call('PATCH', path, { first_name, last_name, password });
    if (answer.status === 204) finish('done-new', { email });
    // The address has got an account since the page was opened.
    else if (answer.status === 401) show('sign-in', { email });
    else showErrors(form, answer);
  });

  onSubmit('sign-in', async ({ password }, form) => {
    const signedIn = await call('POST', ['sessions'], { email, password });
    if (signedIn.status !== 201) {
      showErrors(form, signedIn, signedIn.status === 401 ? 'password' : '');
      return;
    }
    const authToken = signedIn.data.attributes.token;
    const answer = await call('PATCH', path, {}, authToken);
    await call('DELETE', ['sessions', 'current'], undefined, authToken);
    if (answer.status === 204) finish('done', { email });
    else showErrors(form, answer);
  });

  if (found.meta.has_account) show('sign-in', { email });
  else show('accept', { email, first_name, last_name });
}
