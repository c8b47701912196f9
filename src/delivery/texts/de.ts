// The texts of mails and pages in German.

import type { Texts } from './en.ts';

export const de: Texts = {
  'mail.greeting': 'Guten Tag {name},',
  'mail.greeting_without_name': 'Guten Tag,',
  'mail.link_as_text': 'Falls die Schaltfläche nicht funktioniert, öffnen Sie diesen Link:',
  'mail.link_until': 'Der Link funktioniert einmal, bis {until}.',
  'mail.sent': 'Gesendet von {brand} an {address}.',
  'mail.if_it_was_you': 'Wenn Sie das waren, müssen Sie nichts tun.',

  'mail.password_reset.subject': 'Neues Passwort für {brand}',
  'mail.password_reset.text':
    'Jemand, vermutlich Sie, hat ein neues Passwort für Ihr Konto bei {brand} angefordert.',
  'mail.password_reset.button': 'Neues Passwort wählen',
  'mail.password_reset.ignore':
    'Wenn Sie das nicht waren, ignorieren Sie diese E-Mail. Ihr Passwort bleibt, wie es ist.',

  'mail.first_password.subject': 'Wählen Sie Ihr Passwort für {brand}',
  'mail.first_password.text':
    'Ihr Konto bei {brand} hat noch kein Passwort. Wählen Sie eines, um sich anzumelden.',
  'mail.first_password.button': 'Passwort wählen',
  'mail.first_password.ignore':
    'Wenn Sie das nicht erwartet haben, ignorieren Sie diese E-Mail. Es ändert sich nichts.',

  'mail.password_changed.subject': 'Ihr Passwort für {brand} wurde geändert',
  'mail.password_changed.by_account':
    'Das Passwort Ihres Kontos bei {brand} wurde von jemandem geändert, der das alte kannte.',
  'mail.password_changed.by_reset':
    'Das Passwort Ihres Kontos bei {brand} wurde mit einem Link geändert, den wir an diese Adresse gesendet haben.',
  'mail.password_changed.by_administrator':
    'Das Passwort Ihres Kontos bei {brand} wurde von der Administration geändert.',
  'mail.password_changed.api_tokens':
    '{api_tokens, plural, one {# API-Token Ihres Kontos ist weiterhin gültig.} other {# API-Tokens Ihres Kontos sind weiterhin gültig.}} Beenden Sie, was Sie nicht brauchen.',
  'mail.password_changed.if_it_was_not_you':
    'Wenn Sie das nicht waren, setzen Sie Ihr Passwort sofort zurück und informieren Sie Ihre Administratoren.',

  'mail.email_confirmation.subject': 'Bestätigen Sie Ihre neue E-Mail-Adresse für {brand}',
  'mail.email_confirmation.text':
    'Bitte bestätigen Sie, dass {email} die neue E-Mail-Adresse Ihres Kontos bei {brand} ist. Bis dahin bleibt es bei der alten.',
  'mail.email_confirmation.button': 'Adresse bestätigen',
  'mail.email_confirmation.ignore':
    'Wenn Sie das nicht angefordert haben, ignorieren Sie diese E-Mail. Es ändert sich nichts.',

  'mail.email_changed.subject': 'Ihre E-Mail-Adresse für {brand} wurde geändert',
  'mail.email_changed.text':
    'Die E-Mail-Adresse Ihres Kontos bei {brand} ist jetzt {email}. Von nun an melden Sie sich mit ihr an, und unsere E-Mails gehen dorthin.',
  'mail.email_changed.undo':
    'Wenn Sie das nicht waren, machen Sie die Änderung rückgängig. Sie erhalten diese Adresse zurück, alle Anmeldungen enden, und Sie wählen ein neues Passwort, falls eines nötig ist.',
  'mail.email_changed.button': 'Änderung rückgängig machen',

  'mail.new_device.subject': 'Neue Anmeldung in Ihrem Konto bei {brand}',
  'mail.new_device.text':
    'Jemand hat sich in Ihrem Konto bei {brand} angemeldet, von einem Gerät oder aus einem Netz, das dafür neu ist.',
  'mail.new_device.time': 'Zeit',
  'mail.new_device.device': 'Gerät',
  'mail.new_device.platform': 'System',
  'mail.new_device.browser': 'Browser',
  'mail.new_device.ip': 'IP-Adresse',
  'mail.new_device.if_it_was_not_you':
    'Wenn Sie das nicht waren, ändern Sie sofort Ihr Passwort. Damit enden alle anderen Anmeldungen. Informieren Sie danach Ihre Administratoren.',

  'mail.invitation.subject': 'Einladung zu {organization}',
  'mail.invitation.by_person':
    '{inviter} lädt Sie ein, bei {organization} auf {brand} mitzumachen, {role, select, owner {mit den Rechten der Inhaber} admin {mit den Rechten der Administration} other {als Mitglied}}.',
  'mail.invitation.by_nobody':
    'Sie sind eingeladen, bei {organization} auf {brand} mitzumachen, {role, select, owner {mit den Rechten der Inhaber} admin {mit den Rechten der Administration} other {als Mitglied}}.',
  'mail.invitation.button': 'Einladung annehmen',
  'mail.invitation.ignore':
    'Wenn Sie nicht wissen, wer Sie einlädt, ignorieren Sie diese E-Mail. Dann geschieht nichts.',

  'mail.invitation_accepted.subject': '{name} ist jetzt bei {organization}',
  'mail.invitation_accepted.text':
    '{name} ({email}) hat Ihre Einladung angenommen und ist jetzt Mitglied von {organization} auf {brand}.',

  'mail.already_member.subject': 'Sie sind bereits Mitglied von {organization}',
  'mail.already_member.text':
    'Jemand, vermutlich Sie, möchte {organization} auf {brand} beitreten. Ihr Konto ist dort bereits Mitglied: Melden Sie sich einfach an.',
  'mail.already_member.ignore':
    'Wenn Sie das nicht waren, ignorieren Sie diese E-Mail. Es ändert sich nichts.',

  'mail.test.subject': 'Test-E-Mail von {brand}',
  'mail.test.text': 'Das ist ein Test. {brand} kann E-Mails senden.',
};
