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

  'mail.email_restored.subject': 'Ihre E-Mail-Adresse für {brand} wurde zurückgesetzt',
  'mail.email_restored.text':
    'Jemand, der die E-Mails an die vorherige Adresse liest, hat die Änderung rückgängig gemacht. Ihr Konto bei {brand} hat diese Adresse nicht mehr, und alle Anmeldungen sind beendet.',
  'mail.email_restored.what_to_do':
    'Wenn Sie das nicht erwartet haben, sagen Sie Ihrem Administrator Bescheid.',

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

  'mail.test.subject': 'Test-E-Mail von {brand}',
  'mail.test.text': 'Das ist ein Test. {brand} kann E-Mails senden.',

  'page.loading': 'Einen Moment, bitte.',
  'page.no_script.title': 'Diese Seite braucht JavaScript',
  'page.no_script.text':
    'JavaScript ist in diesem Browser ausgeschaltet. Schalten Sie es für diese Seite ein oder öffnen Sie den Link in einem anderen Browser.',
  'page.languages': 'Sprache',
  'page.email': 'E-Mail-Adresse',
  'page.password': 'Passwort',
  'page.new_password': 'Neues Passwort',
  'page.password_hint':
    'Mindestens {min, plural, one {# Zeichen} other {# Zeichen}}. Einige Wörter hintereinander sind sicher und leicht zu merken.',
  'page.first_name': 'Vorname',
  'page.last_name': 'Nachname',
  'page.show': 'Zeigen',
  'page.show_password': 'Passwort zeigen',
  'page.hide': 'Verbergen',
  'page.hide_password': 'Passwort verbergen',
  'page.continue': 'Weiter zu {brand}',
  'page.close': 'Sie können diese Seite schließen.',
  'page.try_again': 'Noch einmal versuchen',
  'page.inbox.title': 'Sehen Sie in Ihr Postfach',
  'page.inbox.hint':
    'Es kann einige Minuten dauern. Wenn nichts ankommt, sehen Sie auch im Spam-Ordner nach.',

  'page.failed.title': 'Diese Seite lässt sich nicht öffnen',
  'page.ended.title': 'Dieser Link funktioniert nicht mehr',
  'page.incomplete.title': 'Dieser Link ist unvollständig',
  'page.incomplete.text':
    'Öffnen Sie den Link in der E-Mail noch einmal oder kopieren Sie ihn ganz in die Adresszeile.',

  'page.reset.ask.title': 'Passwort vergessen?',
  'page.reset.ask.text':
    'Geben Sie Ihre E-Mail-Adresse ein. Wir senden Ihnen einen Link, mit dem Sie ein neues Passwort wählen.',
  'page.reset.ask.button': 'Link senden',
  'page.reset.asked.text': 'Wenn {email} ein Konto hat, ist eine E-Mail mit einem Link unterwegs.',
  'page.reset.set.title': 'Neues Passwort wählen',
  'page.reset.first.title': 'Wählen Sie Ihr Passwort',
  'page.reset.end_api_tokens': 'Auch den Zugang von Apps und Skripten beenden (API-Tokens)',
  'page.reset.button': 'Passwort speichern',
  'page.reset.done.title': 'Ihr Passwort ist gespeichert',
  'page.reset.done.text': 'Sie sind auf allen Geräten abgemeldet. Melden Sie sich mit dem neuen Passwort an.',
  'page.reset.done.first_text': 'Von nun an können Sie sich damit anmelden.',
  'page.reset.ended.text': 'Er wurde schon benutzt, er ist zu alt, oder es gibt einen neueren.',
  'page.reset.ended.link': 'Neuen Link senden',

  'page.accept.title': 'Sie sind eingeladen',
  'page.accept.text': 'Geben Sie Ihren Namen ein und wählen Sie ein Passwort, um die Einladung anzunehmen.',
  'page.accept.button': 'Einladung annehmen',
  'page.accept.sign_in.text':
    'Sie haben schon ein Konto. Geben Sie sein Passwort ein, um die Einladung anzunehmen.',
  'page.accept.sign_in.forgot': 'Passwort vergessen?',
  'page.accept.done.title': 'Willkommen',
  'page.accept.done.text': 'Die Einladung ist angenommen. Melden Sie sich wie bisher mit {email} an.',
  'page.accept.done.new_text': 'Ihr Konto ist bereit. Melden Sie sich mit {email} und Ihrem Passwort an.',
  'page.accept.ended.text':
    'Er wurde schon benutzt, er ist zu alt, oder er wurde zurückgezogen. Bitten Sie um eine neue Einladung.',

  'page.confirm.title': 'E-Mail-Adresse bestätigen',
  'page.confirm.text': 'Ist {email} Ihre neue Adresse? Danach melden Sie sich mit ihr an.',
  'page.confirm.button': 'Adresse bestätigen',
  'page.confirm.done.title': 'Ihre Adresse ist bestätigt',
  'page.confirm.done.text': 'Melden Sie sich von nun an mit {email} an.',
  'page.confirm.ended.text':
    'Er wurde schon benutzt, er ist zu alt, oder es gibt einen neueren. Ändern Sie Ihre Adresse noch einmal, um einen neuen Link zu erhalten.',

  'page.undo.title': 'Änderung Ihrer E-Mail-Adresse rückgängig machen',
  'page.undo.text': 'Ihr Konto erhält die Adresse {email} zurück, und alle Anmeldungen enden.',
  'page.undo.optional_password_text':
    'Wenn Sie die Adresse nicht selbst geändert haben, wählen Sie auch ein neues Passwort: Jemand anders kennt vielleicht das jetzige. Sonst lassen Sie das Feld leer, und Ihr Passwort bleibt.',
  'page.undo.password_text':
    'Wählen Sie auch ein neues Passwort: Jemand anders kennt vielleicht das jetzige.',
  'page.undo.button': 'Änderung rückgängig machen',
  'page.undo.done.title': 'Die Änderung ist rückgängig gemacht',
  'page.undo.done.text': 'Ihr Konto hat wieder die Adresse {email}. Sie sind auf allen Geräten abgemeldet.',
  'page.undo.ended.text':
    'Er wurde schon benutzt, oder er ist zu alt. Wenn jemand anders Ihr Konto hat, informieren Sie die Administration von {brand}.',

  'page.join.title': 'Einer Organisation beitreten',
  'page.join.text': 'Geben Sie Ihre E-Mail-Adresse ein. Wir senden Ihnen eine Einladung.',
  'page.join.button': 'Einladung senden',
  'page.join.done.text': 'Eine Einladung an {email} ist unterwegs.',
  'page.join.ended.text': 'Bitten Sie die Organisation um einen neuen Link.',

  'page.problem.offline':
    'Der Dienst ist nicht erreichbar. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.',
  'page.problem.too_many': 'Zu viele Versuche. Versuchen Sie es {when} noch einmal.',
  'page.problem.unavailable':
    'Der Dienst ist überlastet oder wird neu gestartet. Versuchen Sie es in einer Minute noch einmal.',
  'page.problem.unexpected':
    'Etwas ist schiefgegangen. Versuchen Sie es noch einmal. Wenn es wieder geschieht, informieren Sie die Administration von {brand}.',
  'page.problem.wrong_password': 'Dieses Passwort ist falsch.',
  'page.problem.second_factor':
    'Dieses Konto braucht einen zweiten Faktor. Melden Sie sich zuerst bei {brand} an.',
  'page.problem.other_account': 'Diese Einladung ist für ein anderes Konto.',
  'page.problem.no_mails':
    'Dieser Dienst sendet keine E-Mails. Wenden Sie sich an die Administration von {brand}.',
  'page.problem.not_allowed': 'Das ist nicht erlaubt.',

  'page.rule.blank': 'Bitte füllen Sie dieses Feld aus.',
  'page.rule.email': 'Das ist keine E-Mail-Adresse. Sie sieht aus wie name@example.com.',
  'page.rule.too_short': 'Das ist zu kurz. Mindestzahl der Zeichen: {number}.',
  'page.rule.too_long': 'Das ist zu lang. Höchstzahl der Zeichen: {number}.',
  'page.rule.characters': 'Das enthält Zeichen, die nicht erlaubt sind.',
  'page.rule.taken': 'Ein anderes Konto hat diese Adresse.',
  'page.rule.common': 'Zu viele Menschen benutzen dieses Passwort. Wählen Sie ein anderes.',
  'page.rule.breached': 'Dieses Passwort ist durch ein Datenleck bekannt geworden. Wählen Sie ein anderes.',
  'page.rule.own_email': 'Ihre E-Mail-Adresse kann nicht das Passwort sein.',
  'page.rule.own_name': 'Ihr Name kann nicht das Passwort sein.',
  'page.rule.service': 'Der Name oder die Adresse dieses Dienstes kann nicht das Passwort sein.',
  'page.rule.not_valid': 'Das ist nicht gültig.',
};
