// Asks for an invitation with the join link of an organization.

import { call } from './api.js';
import { finish, onSubmit, show, showErrors, token } from './page.js';

onSubmit('join', async ({ email = '' }, form) => {
  const answer = await call('POST', ['invitations'], { token, email: email.trim() });
  if (answer.status === 204) finish('done', { email: email.trim() });
  else if (answer.errors.some(({ source }) => source?.pointer === 'data/attributes/token')) show('ended');
  else showErrors(form, answer);
});

show(token === null ? 'incomplete' : 'join');
