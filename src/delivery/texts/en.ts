// The texts of mails and pages in English, in ICU message format. The other languages have the same keys, with the same
// values in braces.

export const en = {
  'mail.greeting': 'Hello {name},',
  'mail.greeting_without_name': 'Hello,',
  'mail.link_as_text': 'If the button does not work, open this link:',
  'mail.link_until': 'The link works once, until {until}.',
  'mail.sent': 'Sent by {brand} to {address}.',
  'mail.if_it_was_you': 'If it was you, there is nothing to do.',

  'mail.password_reset.subject': 'Reset your password for {brand}',
  'mail.password_reset.text':
    'Somebody, probably you, has asked for a new password for your account with {brand}.',
  'mail.password_reset.button': 'Choose a new password',
  'mail.password_reset.ignore': 'If it was not you, ignore this email. Your password stays as it is.',

  'mail.first_password.subject': 'Choose your password for {brand}',
  'mail.first_password.text': 'Your account with {brand} has no password yet. Choose one to sign in.',
  'mail.first_password.button': 'Choose a password',
  'mail.first_password.ignore': 'If you did not expect this, ignore this email. Nothing changes.',

  'mail.password_changed.subject': 'Your password for {brand} was changed',
  'mail.password_changed.by_account':
    'The password of your account with {brand} was changed by somebody who knew the old one.',
  'mail.password_changed.by_reset':
    'The password of your account with {brand} was changed with a link that we sent to this address.',
  'mail.password_changed.by_administrator':
    'The password of your account with {brand} was changed by an administrator.',
  'mail.password_changed.api_tokens':
    '{api_tokens, plural, one {# API token of your account still works.} other {# API tokens of your account still work.}} If you do not need them, end them.',
  'mail.password_changed.if_it_was_not_you':
    'If it was not you, reset your password at once, and tell your administrator.',

  'mail.email_confirmation.subject': 'Confirm your new email address for {brand}',
  'mail.email_confirmation.text':
    'Please confirm that {email} is the new email address of your account with {brand}. Until then, the old one stays.',
  'mail.email_confirmation.button': 'Confirm the address',
  'mail.email_confirmation.ignore': 'If you did not ask for this, ignore this email. Nothing changes.',

  'mail.email_changed.subject': 'Your email address for {brand} was changed',
  'mail.email_changed.text':
    'The email address of your account with {brand} is now {email}. You sign in with it from now on, and our emails go there.',
  'mail.email_changed.undo':
    'If it was not you, undo the change. You get this address back, all sign-ins end, and you choose a new password where one is needed.',
  'mail.email_changed.button': 'Undo the change',

  'mail.email_restored.subject': 'Your email address for {brand} was changed back',
  'mail.email_restored.text':
    'Somebody who reads the emails to the previous address has undone the change. Your account with {brand} no longer has this address, and all its sign-ins have ended.',
  'mail.email_restored.what_to_do': 'If you did not expect this, tell your administrator.',

  'mail.new_device.subject': 'New sign-in to your account with {brand}',
  'mail.new_device.text':
    'Somebody has signed in to your account with {brand}, from a device or a network that is new for it.',
  'mail.new_device.time': 'Time',
  'mail.new_device.device': 'Device',
  'mail.new_device.platform': 'System',
  'mail.new_device.browser': 'Browser',
  'mail.new_device.ip': 'IP address',
  'mail.new_device.if_it_was_not_you':
    'If it was not you, change your password at once. That ends all other sign-ins. Then tell your administrator.',

  'mail.invitation.subject': 'Invitation to {organization}',
  'mail.invitation.by_person':
    '{inviter} invites you to {organization} on {brand}, {role, select, owner {as an owner} admin {as an administrator} other {as a member}}.',
  'mail.invitation.by_nobody':
    'You are invited to {organization} on {brand}, {role, select, owner {as an owner} admin {as an administrator} other {as a member}}.',
  'mail.invitation.button': 'Accept the invitation',
  'mail.invitation.ignore': 'If you do not know who invites you, ignore this email. Then nothing happens.',

  'mail.invitation_accepted.subject': '{name} has joined {organization}',
  'mail.invitation_accepted.text':
    '{name} ({email}) has accepted your invitation and is now a member of {organization} on {brand}.',

  'mail.test.subject': 'Test email from {brand}',
  'mail.test.text': 'This is a test. {brand} can send emails.',

  'page.loading': 'One moment, please.',
  'page.no_script.title': 'This page needs JavaScript',
  'page.no_script.text':
    'JavaScript is switched off in this browser. Switch it on for this page, or open the link in another browser.',
  'page.languages': 'Language',
  'page.email': 'Email address',
  'page.password': 'Password',
  'page.new_password': 'New password',
  'page.password_hint':
    'At least {min, plural, one {# character} other {# characters}}. A few words in a row are strong and easy to remember.',
  'page.first_name': 'First name',
  'page.last_name': 'Last name',
  'page.show': 'Show',
  'page.show_password': 'Show the password',
  'page.hide': 'Hide',
  'page.hide_password': 'Hide the password',
  'page.continue': 'Continue to {brand}',
  'page.close': 'You can close this page.',
  'page.try_again': 'Try again',
  'page.inbox.title': 'Look into your inbox',
  'page.inbox.hint': 'It can take a few minutes. If nothing arrives, look into the spam folder too.',

  'page.failed.title': 'This page cannot open',
  'page.ended.title': 'This link no longer works',
  'page.incomplete.title': 'This link is incomplete',
  'page.incomplete.text': 'Open the link in the mail again, or copy all of it into the address bar.',

  'page.reset.ask.title': 'Forgot your password?',
  'page.reset.ask.text': 'Enter your email address. We send you a link to choose a new password.',
  'page.reset.ask.button': 'Send the link',
  'page.reset.asked.text': 'If {email} has an account, a mail with a link is on its way.',
  'page.reset.set.title': 'Choose a new password',
  'page.reset.first.title': 'Choose your password',
  'page.reset.end_api_tokens': 'Also end the access of apps and scripts (API tokens)',
  'page.reset.button': 'Save the password',
  'page.reset.done.title': 'Your password is saved',
  'page.reset.done.text': 'You are signed out on all devices. Sign in with the new password.',
  'page.reset.done.first_text': 'You can sign in with it from now on.',
  'page.reset.ended.text': 'It was used, it is too old, or there is a newer one.',
  'page.reset.ended.link': 'Send me a new link',

  'page.accept.title': 'You are invited',
  'page.accept.text': 'Enter your name and choose a password to accept the invitation.',
  'page.accept.button': 'Accept the invitation',
  'page.accept.sign_in.text': 'You already have an account. Enter its password to accept the invitation.',
  'page.accept.sign_in.forgot': 'Forgot your password?',
  'page.accept.done.title': 'Welcome',
  'page.accept.done.text': 'The invitation is accepted. Sign in with {email} as before.',
  'page.accept.done.new_text': 'Your account is ready. Sign in with {email} and your password.',
  'page.accept.ended.text':
    'It was used, it is too old, or it was withdrawn. Ask whoever invited you for a new one.',

  'page.confirm.title': 'Confirm your email address',
  'page.confirm.text': 'Is {email} your new address? You sign in with it from then on.',
  'page.confirm.button': 'Confirm the address',
  'page.confirm.done.title': 'Your address is confirmed',
  'page.confirm.done.text': 'Sign in with {email} from now on.',
  'page.confirm.ended.text':
    'It was used, it is too old, or there is a newer one. Change your address again to get a new link.',

  'page.undo.title': 'Undo the change of your email address',
  'page.undo.text': 'Your account gets the address {email} back, and all sign-ins end.',
  'page.undo.optional_password_text':
    'If it was not you who changed the address, choose a new password too: somebody else may know the present one. Otherwise leave it empty, and your password stays.',
  'page.undo.password_text': 'Choose a new password too: somebody else may know the present one.',
  'page.undo.button': 'Undo the change',
  'page.undo.done.title': 'The change is undone',
  'page.undo.done.text': 'Your account has the address {email} again. You are signed out on all devices.',
  'page.undo.ended.text':
    'It was used, or it is too old. If somebody else has your account, tell the administrator of {brand}.',

  'page.join.title': 'Join an organization',
  'page.join.text': 'Enter your email address. We send you an invitation.',
  'page.join.button': 'Send the invitation',
  'page.join.done.text': 'An invitation to {email} is on its way.',
  'page.join.ended.text': 'Ask the people of the organization for a new link.',

  'page.problem.offline': 'The service cannot be reached. Check your connection, then try again.',
  'page.problem.too_many': 'Too many attempts. Try again {when}.',
  'page.problem.unavailable': 'The service is busy or restarting. Try again in a minute.',
  'page.problem.unexpected':
    'Something went wrong. Try again. If it happens again, tell the administrator of {brand}.',
  'page.problem.wrong_password': 'This password is wrong.',
  'page.problem.second_factor': 'This account needs a second factor. Sign in to {brand} first.',
  'page.problem.other_account': 'This invitation is for another account.',
  'page.problem.no_mails': 'This service sends no mails. Ask the administrator of {brand}.',
  'page.problem.not_allowed': 'This is not allowed.',

  'page.rule.blank': 'Please fill this in.',
  'page.rule.email': 'This is not an email address. It looks like name@example.com.',
  'page.rule.too_short': 'This is too short. Minimum number of characters: {number}.',
  'page.rule.too_long': 'This is too long. Maximum number of characters: {number}.',
  'page.rule.characters': 'This contains characters that are not allowed.',
  'page.rule.taken': 'Another account uses this address.',
  'page.rule.common': 'Too many people use this password. Choose another one.',
  'page.rule.breached': 'This password has become public in a data breach. Choose another one.',
  'page.rule.own_email': 'Your email address cannot be the password.',
  'page.rule.own_name': 'Your name cannot be the password.',
  'page.rule.service': 'The name or the address of this service cannot be the password.',
  'page.rule.not_valid': 'This is not valid.',
} as const;

export type TextKey = keyof typeof en;
export type Texts = Readonly<Record<TextKey, string>>;
