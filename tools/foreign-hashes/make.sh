#!/usr/bin/env bash
# Prints hashes of a password by the tools of other systems, one `name<TAB>hash` a line. test/support/foreign-hashes.ts has
# what it printed. It needs these packages of Debian 12:
#   python3-django python3-passlib python3-argon2 python3-bcrypt php-cli slapd whois openssl perl
set -euo pipefail
cd "$(dirname "$0")"
password=${1:-correct horse battery}
/usr/bin/python3 make.py "$password"
php make.php "$password"
printf 'openssl passwd -5\t%s\n' "$(openssl passwd -5 "$password")"
printf 'openssl passwd -6\t%s\n' "$(openssl passwd -6 "$password")"
printf 'mkpasswd -m sha-512\t%s\n' "$(mkpasswd -m sha-512 -R 20000 "$password")"
printf 'perl crypt\t%s\n' "$(perl -e 'print crypt $ARGV[0], q($6$pDq8vXk2RwZs$)' "$password")"
printf 'OpenLDAP slappasswd\t%s\n' "$(slappasswd -h '{SSHA}' -s "$password")"
printf 'OpenLDAP slappasswd, pw-sha2\t%s\n' "$(slappasswd -o module-load=pw-sha2 -h '{SSHA512}' -s "$password")"
printf 'OpenLDAP slappasswd, argon2\t%s\n' "$(slappasswd -o module-load=argon2 -h '{ARGON2}' -s "$password")"
