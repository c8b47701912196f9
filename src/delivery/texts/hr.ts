// The texts of mails and pages in Croatian. Names stay in the nominative, behind a word that is declined for them.

import type { Texts } from './en.ts';

export const hr: Texts = {
  'mail.greeting': 'Dobar dan, {name},',
  'mail.greeting_without_name': 'Dobar dan,',
  'mail.link_as_text': 'Ako gumb ne radi, otvorite ovu poveznicu:',
  'mail.link_until': 'Poveznica vrijedi jednom, do {until}.',
  'mail.sent': 'Pošiljatelj: {brand}. Primatelj: {address}.',
  'mail.if_it_was_you': 'Ako ste to bili Vi, ne morate ništa učiniti.',

  'mail.password_reset.subject': 'Nova lozinka za {brand}',
  'mail.password_reset.text':
    'Netko je, vjerojatno Vi, zatražio novu lozinku za Vaš račun na usluzi {brand}.',
  'mail.password_reset.button': 'Odaberite novu lozinku',
  'mail.password_reset.ignore': 'Ako to niste bili Vi, zanemarite ovu poruku. Vaša lozinka ostaje ista.',

  'mail.first_password.subject': 'Odaberite lozinku za {brand}',
  'mail.first_password.text':
    'Vaš račun na usluzi {brand} još nema lozinku. Odaberite je kako biste se mogli prijaviti.',
  'mail.first_password.button': 'Odaberite lozinku',
  'mail.first_password.ignore': 'Ako ovo niste očekivali, zanemarite ovu poruku. Ništa se neće promijeniti.',

  'mail.password_changed.subject': 'Vaša lozinka za {brand} je promijenjena',
  'mail.password_changed.by_account':
    'Lozinku Vašeg računa na usluzi {brand} promijenio je netko tko je znao staru.',
  'mail.password_changed.by_reset':
    'Lozinka Vašeg računa na usluzi {brand} promijenjena je poveznicom koju smo poslali na ovu adresu.',
  'mail.password_changed.by_administrator':
    'Lozinku Vašeg računa na usluzi {brand} promijenio je administrator.',
  'mail.password_changed.api_tokens':
    '{api_tokens, plural, one {# API token Vašeg računa i dalje vrijedi.} few {# API tokena Vašeg računa i dalje vrijede.} other {# API tokena Vašeg računa i dalje vrijedi.}} Ukinite one koji Vam ne trebaju.',
  'mail.password_changed.if_it_was_not_you':
    'Ako to niste bili Vi, odmah zatražite novu lozinku i obavijestite svog administratora.',

  'mail.email_confirmation.subject': 'Potvrdite svoju novu adresu e-pošte za {brand}',
  'mail.email_confirmation.text':
    'Potvrdite da je {email} nova adresa e-pošte Vašeg računa na usluzi {brand}. Do tada vrijedi stara.',
  'mail.email_confirmation.button': 'Potvrdite adresu',
  'mail.email_confirmation.ignore':
    'Ako to niste zatražili, zanemarite ovu poruku. Ništa se neće promijeniti.',

  'mail.email_changed.subject': 'Vaša adresa e-pošte za {brand} je promijenjena',
  'mail.email_changed.text':
    'Adresa e-pošte Vašeg računa na usluzi {brand} sada je {email}. Od sada se prijavljujete njome i na nju šaljemo poruke.',
  'mail.email_changed.undo':
    'Ako to niste bili Vi, poništite promjenu. Vraćamo Vam ovu adresu, završavaju sve prijave i, ako je potrebno, birate novu lozinku.',
  'mail.email_changed.button': 'Poništite promjenu',

  'mail.new_device.subject': 'Nova prijava na Vaš račun za {brand}',
  'mail.new_device.text':
    'Netko se prijavio na Vaš račun na usluzi {brand} s uređaja ili iz mreže koja je za taj račun nova.',
  'mail.new_device.time': 'Vrijeme',
  'mail.new_device.device': 'Uređaj',
  'mail.new_device.platform': 'Sustav',
  'mail.new_device.browser': 'Preglednik',
  'mail.new_device.ip': 'IP adresa',
  'mail.new_device.if_it_was_not_you':
    'Ako to niste bili Vi, odmah promijenite lozinku. Time završavaju sve ostale prijave. Zatim obavijestite svog administratora.',

  'mail.invitation.subject': 'Poziv u organizaciju {organization}',
  'mail.invitation.by_person':
    '{inviter} poziva Vas u organizaciju {organization} na usluzi {brand}, u ulozi {role, select, owner {vlasnika} admin {administratora} other {člana}}.',
  'mail.invitation.by_nobody':
    'Pozvani ste u organizaciju {organization} na usluzi {brand}, u ulozi {role, select, owner {vlasnika} admin {administratora} other {člana}}.',
  'mail.invitation.button': 'Prihvatite poziv',
  'mail.invitation.ignore':
    'Ako ne znate tko Vas poziva, zanemarite ovu poruku. Tada se ništa neće dogoditi.',

  'mail.invitation_accepted.subject': '{name} sada pripada organizaciji {organization}',
  'mail.invitation_accepted.text':
    '{name} ({email}) prihvaća Vaš poziv i sada pripada organizaciji {organization} na usluzi {brand}.',

  'mail.already_member.subject': 'Već ste član organizacije {organization}',
  'mail.already_member.text':
    'Netko je, vjerojatno Vi, zatražio pristup organizaciji {organization} na usluzi {brand}. Vaš račun joj već pripada: samo se prijavite.',
  'mail.already_member.ignore': 'Ako to niste bili Vi, zanemarite ovu poruku. Ništa se neće promijeniti.',

  'mail.test.subject': 'Probna poruka usluge {brand}',
  'mail.test.text': 'Ovo je proba. {brand} može slati poruke.',
};
