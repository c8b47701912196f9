"""Prints hashes of a password by Django 3.2, passlib 1.7, argon2-cffi and hashlib, one `name<TAB>hash` a line.

Debian's packages: python3-django python3-passlib python3-argon2 python3-bcrypt
"""

import base64
import hashlib
import json
import os
import sys

import argon2
import django.conf
from django.contrib.auth import hashers
from passlib import hash as passlib_hash

PASSWORD = sys.argv[1]
django.conf.settings.configure()


def show(name, text):
    print(f"{name}\t{text}")


def base64_of(data):
    return base64.b64encode(data).decode()


for hasher in (
    hashers.PBKDF2PasswordHasher(),
    hashers.PBKDF2SHA1PasswordHasher(),
    hashers.Argon2PasswordHasher(),
    hashers.BCryptSHA256PasswordHasher(),
    hashers.BCryptPasswordHasher(),
):
    if hasattr(hasher, "rounds"):
        hasher.rounds = 8
    show(f"Django {hasher.algorithm}", hasher.encode(PASSWORD, hasher.salt()))

# Django 4 writes its scrypt so; 3.2 has none.
SALT = "Y5mLpDq8vXk2RwZs"
KEY = hashlib.scrypt(PASSWORD.encode(), salt=SALT.encode(), n=2**14, r=8, p=5, maxmem=2**26, dklen=64)
show("Django scrypt", f"scrypt$16384${SALT}$8$5${base64_of(KEY)}")

for name, handler in {
    "passlib pbkdf2_sha1": passlib_hash.pbkdf2_sha1.using(rounds=25000),
    "passlib pbkdf2_sha512": passlib_hash.pbkdf2_sha512.using(rounds=25000),
    "passlib bcrypt_sha256": passlib_hash.bcrypt_sha256.using(rounds=8),
    "passlib phpass, WordPress": passlib_hash.phpass.using(rounds=13, ident="P"),
    "passlib phpass, phpBB": passlib_hash.phpass.using(rounds=11, ident="H"),
    "passlib sha512_crypt with its own rounds": passlib_hash.sha512_crypt.using(rounds=12345),
    "passlib sha256_crypt with its own rounds": passlib_hash.sha256_crypt.using(rounds=1000),
    "passlib ldap_salted_sha256": passlib_hash.ldap_salted_sha256,
    "passlib ldap_salted_sha512": passlib_hash.ldap_salted_sha512,
    "passlib ldap_pbkdf2_sha256": passlib_hash.ldap_pbkdf2_sha256.using(rounds=25000),
    "passlib ldap_sha512_crypt": passlib_hash.ldap_sha512_crypt.using(rounds=5000),
}.items():
    show(name, handler.hash(PASSWORD))


def keycloak(algorithm, iterations, salt, value, parameters):
    secret = {"value": base64_of(value), "salt": base64_of(salt), "additionalParameters": {}}
    data = {"hashIterations": iterations, "algorithm": algorithm, "additionalParameters": parameters}
    compact = {"separators": (",", ":")}
    text = {"secretData": json.dumps(secret, **compact), "credentialData": json.dumps(data, **compact)}
    show(f"Keycloak {algorithm}", json.dumps(text, **compact))


# The lengths and costs of the Keycloak versions that have these as their default.
for algorithm, digest, iterations, length in (
    ("pbkdf2-sha256", "sha256", 27500, 64),
    ("pbkdf2-sha512", "sha512", 210000, 64),
):
    salt = os.urandom(16)
    keycloak(algorithm, iterations, salt, hashlib.pbkdf2_hmac(digest, PASSWORD.encode(), salt, iterations, length), {})
salt = os.urandom(16)
key = argon2.low_level.hash_secret_raw(PASSWORD.encode(), salt, 5, 7168, 1, 32, argon2.Type.ID)
parameters = {"hashLength": ["32"], "memory": ["7168"], "type": ["id"], "version": ["1.3"], "parallelism": ["1"]}
keycloak("argon2", 5, salt, key, parameters)

key = hashlib.scrypt(PASSWORD.encode(), salt=b"abc12345", n=2**14, r=8, p=1, maxmem=2**26, dklen=64)
custom = {
    "algorithm": "scrypt",
    "hash": {"value": key.hex(), "encoding": "hex"},
    "salt": {"value": "abc12345", "encoding": "utf8"},
    "keylen": 64,
    "cost": 16384,
    "blockSize": 8,
    "parallelization": 1,
}
show("Auth0 custom_password_hash scrypt", json.dumps(custom, separators=(",", ":")))
