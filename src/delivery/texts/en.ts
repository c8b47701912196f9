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

  'mail.already_member.subject': 'You are already a member of {organization}',
  'mail.already_member.text':
    'Somebody, probably you, has asked to join {organization} on {brand}. Your account is already a member: just sign in.',
  'mail.already_member.ignore': 'If it was not you, ignore this email. Nothing changes.',

  'mail.test.subject': 'Test email from {brand}',
  'mail.test.text': 'This is a test. {brand} can send emails.',
} as const;

export type TextKey = keyof typeof en;
export type Texts = Readonly<Record<TextKey, string>>;
