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

  'mail.email_restored.subject': 'Vaša adresa e-pošte za {brand} je vraćena',
  'mail.email_restored.text':
    'Netko tko čita poruke na prethodnoj adresi poništio je promjenu. Vaš račun na usluzi {brand} više nema ovu adresu i sve su prijave završene.',
  'mail.email_restored.what_to_do': 'Ako to niste očekivali, javite se svojem administratoru.',

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

  'mail.test.subject': 'Probna poruka usluge {brand}',
  'mail.test.text': 'Ovo je proba. {brand} može slati poruke.',

  'page.loading': 'Samo trenutak.',
  'page.no_script.title': 'Ova stranica treba JavaScript',
  'page.no_script.text':
    'JavaScript je u ovom pregledniku isključen. Uključite ga za ovu stranicu ili otvorite poveznicu u drugom pregledniku.',
  'page.languages': 'Jezik',
  'page.email': 'Adresa e-pošte',
  'page.password': 'Lozinka',
  'page.new_password': 'Nova lozinka',
  'page.password_hint':
    'Najmanje {min, plural, one {# znak} few {# znaka} other {# znakova}}. Nekoliko riječi zaredom sigurno je i lako se pamti.',
  'page.first_name': 'Ime',
  'page.last_name': 'Prezime',
  'page.show': 'Prikaži',
  'page.show_password': 'Prikaži lozinku',
  'page.hide': 'Sakrij',
  'page.hide_password': 'Sakrij lozinku',
  'page.continue': 'Nastavite na {brand}',
  'page.close': 'Možete zatvoriti ovu stranicu.',
  'page.try_again': 'Pokušajte ponovno',
  'page.inbox.title': 'Pogledajte svoju e-poštu',
  'page.inbox.hint':
    'Može potrajati nekoliko minuta. Ako ništa ne stigne, pogledajte i među neželjenom poštom.',

  'page.failed.title': 'Ova se stranica ne može otvoriti',
  'page.ended.title': 'Ova poveznica više ne vrijedi',
  'page.incomplete.title': 'Ova poveznica nije potpuna',
  'page.incomplete.text': 'Ponovno otvorite poveznicu iz poruke ili je cijelu kopirajte u adresnu traku.',

  'page.reset.ask.title': 'Zaboravili ste lozinku?',
  'page.reset.ask.text': 'Upišite svoju adresu e-pošte. Poslat ćemo Vam poveznicu za odabir nove lozinke.',
  'page.reset.ask.button': 'Pošaljite poveznicu',
  'page.reset.asked.text': 'Ako adresa {email} ima račun, poruka s poveznicom upravo je poslana.',
  'page.reset.set.title': 'Odaberite novu lozinku',
  'page.reset.first.title': 'Odaberite lozinku',
  'page.reset.end_api_tokens': 'Ukinite i pristup aplikacija i skripti (API tokeni)',
  'page.reset.button': 'Spremite lozinku',
  'page.reset.done.title': 'Vaša je lozinka spremljena',
  'page.reset.done.text': 'Odjavljeni ste na svim uređajima. Prijavite se novom lozinkom.',
  'page.reset.done.first_text': 'Od sada se možete njome prijaviti.',
  'page.reset.ended.text': 'Već je iskorištena, prestara je ili postoji novija.',
  'page.reset.ended.link': 'Pošaljite mi novu poveznicu',

  'page.accept.title': 'Pozvani ste',
  'page.accept.text': 'Upišite svoje ime i odaberite lozinku kako biste prihvatili poziv.',
  'page.accept.button': 'Prihvatite poziv',
  'page.accept.sign_in.text': 'Već imate račun. Upišite njegovu lozinku kako biste prihvatili poziv.',
  'page.accept.sign_in.forgot': 'Zaboravili ste lozinku?',
  'page.accept.done.title': 'Dobro došli',
  'page.accept.done.text': 'Poziv je prihvaćen. Prijavite se kao i do sada adresom {email}.',
  'page.accept.done.new_text': 'Vaš je račun spreman. Prijavite se adresom {email} i svojom lozinkom.',
  'page.accept.ended.text':
    'Već je iskorištena, prestara je ili je poziv povučen. Zamolite onoga tko Vas je pozvao za novi poziv.',

  'page.confirm.title': 'Potvrdite svoju adresu e-pošte',
  'page.confirm.text': 'Je li {email} Vaša nova adresa? Nakon toga se prijavljujete njome.',
  'page.confirm.button': 'Potvrdite adresu',
  'page.confirm.done.title': 'Vaša je adresa potvrđena',
  'page.confirm.done.text': 'Od sada se prijavljujete adresom {email}.',
  'page.confirm.ended.text':
    'Već je iskorištena, prestara je ili postoji novija. Ponovno promijenite adresu kako biste dobili novu poveznicu.',

  'page.undo.title': 'Poništite promjenu adrese e-pošte',
  'page.undo.text': 'Vaš račun ponovno dobiva adresu {email}, a sve prijave završavaju.',
  'page.undo.optional_password_text':
    'Ako adresu niste promijenili Vi, odaberite i novu lozinku: netko drugi možda zna sadašnju. Inače ostavite polje prazno i lozinka ostaje ista.',
  'page.undo.password_text': 'Odaberite i novu lozinku: netko drugi možda zna sadašnju.',
  'page.undo.button': 'Poništite promjenu',
  'page.undo.done.title': 'Promjena je poništena',
  'page.undo.done.text': 'Vaš račun ponovno ima adresu {email}. Odjavljeni ste na svim uređajima.',
  'page.undo.ended.text':
    'Već je iskorištena ili je prestara. Ako je Vaš račun u tuđim rukama, obavijestite administratora usluge {brand}.',

  'page.join.title': 'Pridružite se organizaciji',
  'page.join.text': 'Upišite svoju adresu e-pošte. Poslat ćemo Vam poziv.',
  'page.join.button': 'Pošaljite poziv',
  'page.join.done.text': 'Poziv na adresu {email} upravo je poslan.',
  'page.join.ended.text': 'Zamolite organizaciju za novu poveznicu.',

  'page.problem.offline': 'Usluga nije dostupna. Provjerite vezu i pokušajte ponovno.',
  'page.problem.too_many': 'Previše pokušaja. Pokušajte ponovno {when}.',
  'page.problem.unavailable': 'Usluga je preopterećena ili se ponovno pokreće. Pokušajte ponovno za minutu.',
  'page.problem.unexpected':
    'Nešto nije u redu. Pokušajte ponovno. Ako se ponovi, obavijestite administratora usluge {brand}.',
  'page.problem.wrong_password': 'Ova lozinka nije ispravna.',
  'page.problem.second_factor': 'Ovaj račun treba drugi faktor. Najprije se prijavite na uslugu {brand}.',
  'page.problem.other_account': 'Ovaj je poziv za drugi račun.',
  'page.problem.no_mails': 'Ova usluga ne šalje e-poštu. Obratite se administratoru usluge {brand}.',
  'page.problem.not_allowed': 'To nije dopušteno.',

  'page.rule.blank': 'Ispunite ovo polje.',
  'page.rule.email': 'Ovo nije adresa e-pošte. Ona izgleda kao ime@example.com.',
  'page.rule.too_short': 'Prekratko. Najmanji broj znakova: {number}.',
  'page.rule.too_long': 'Predugo. Najveći broj znakova: {number}.',
  'page.rule.characters': 'Sadrži znakove koji nisu dopušteni.',
  'page.rule.taken': 'Drugi račun ima ovu adresu.',
  'page.rule.common': 'Previše ljudi ima ovu lozinku. Odaberite drugu.',
  'page.rule.breached': 'Ova je lozinka poznata iz curenja podataka. Odaberite drugu.',
  'page.rule.own_email': 'Vaša adresa e-pošte ne može biti lozinka.',
  'page.rule.own_name': 'Vaše ime ne može biti lozinka.',
  'page.rule.service': 'Ime ili adresa ove usluge ne može biti lozinka.',
  'page.rule.not_valid': 'Ovo nije ispravno.',
};
