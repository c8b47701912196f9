// Hashes that other systems made: by their own tools (tools/foreign-hashes/make.sh prints them, and says which), or published
// by them.

import type { HashSecrets } from '../../src/security/hash-formats/foreign-hash.ts';

export interface ForeignHash {
  /** What made it. */
  readonly by: string;
  /** As in reports. */
  readonly format: string;
  readonly password: string;
  readonly hash: string;
}

export const hashSecrets: HashSecrets = {
  firebaseSignerKey:
    'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==',
  devisePepper: 'a pepper of Devise',
};

export const hashSecretsEnvironment = {
  MUSTER_FIREBASE_SIGNER_KEY: hashSecrets.firebaseSignerKey,
  MUSTER_DEVISE_PEPPER: hashSecrets.devisePepper,
};

const plain = 'correct horse battery';
const international = 'Größe: 8½ “Zoll” 🔑';

export const foreignHashes: readonly ForeignHash[] = [
  {
    by: 'Django pbkdf2_sha256',
    format: 'Django pbkdf2',
    password: plain,
    hash: 'pbkdf2_sha256$260000$zEp04sQws7wLU8Q58vslqe$G4sLBAdutrjsNAokZmxF3JKlcfIKvS2GvlxuwDb28aY=',
  },
  {
    by: 'Django pbkdf2_sha1',
    format: 'Django pbkdf2',
    password: plain,
    hash: 'pbkdf2_sha1$260000$i8O1mdNkgx87PBMEjVZ7qK$ekJXx56A/SiAX5tVstisXUH6onI=',
  },
  {
    by: 'Django argon2',
    format: 'Django argon2',
    password: plain,
    hash: 'argon2$argon2id$v=19$m=102400,t=2,p=8$bDhEWmp6aTA5b2dXejJBVXpkRlRseg$YDM6KtQ/LMjJCA6XMY20Ig',
  },
  {
    by: 'Django bcrypt_sha256',
    format: 'Django bcrypt_sha256',
    password: plain,
    hash: 'bcrypt_sha256$$2b$08$N5Gfd0/vzHWBemCVmtcWtu1Rsl3qKsXr3S9Nsg3IZTFm2ZPFAOdUK',
  },
  {
    by: 'Django bcrypt',
    format: 'Django bcrypt',
    password: plain,
    hash: 'bcrypt$$2b$08$GL2SZg.uNIPPlwFbo4YX3OMG/PrCR4gbiFSxrQJHYtz5I.W7x8PnC',
  },
  {
    by: 'Django scrypt',
    format: 'Django scrypt',
    password: plain,
    hash: 'scrypt$16384$Y5mLpDq8vXk2RwZs$8$5$h8ivQRCIezpQCXCATDEfRFpG6FPx5+TC3aSddSDulO64FF6vRDw1VAwy/X2TyZ9+FGtCppiwW98BzUxYDMMCZw==',
  },
  {
    by: 'passlib pbkdf2_sha1',
    format: 'pbkdf2',
    password: plain,
    hash: '$pbkdf2$25000$9B7j3JsTgrD23jundE7p/Q$U2MErWBkf3atNOtCuLucnK8BtKo',
  },
  {
    by: 'passlib pbkdf2_sha512',
    format: 'pbkdf2',
    password: plain,
    hash: '$pbkdf2-sha512$25000$wZgzBiDEOEeIsdbaOwcgRA$cAVoNsFC17Q3m7a7DaZPlri2ltq9msrpfrabHcRwKj1nnGE5I/PL.TBthQZh/R1MrtT0ydAShcFdBA2w9pPgVw',
  },
  {
    by: 'passlib bcrypt_sha256',
    format: 'passlib bcrypt-sha256',
    password: plain,
    hash: '$bcrypt-sha256$v=2,t=2b,r=8$h6Cny9ZhkquphLHOYw12P.$YM/eNq.5gDsAU962o9lLn64ivDEfxNK',
  },
  {
    by: 'passlib phpass, WordPress',
    format: 'phpass',
    password: plain,
    hash: '$P$BQN1jmoDGWQSYOD2MEHLb1Ja6Ehs7P0',
  },
  {
    by: 'passlib phpass, phpBB',
    format: 'phpass',
    password: plain,
    hash: '$H$9UJohKrlsOYp5yGI80awJo6iSu5mUs0',
  },
  {
    by: 'passlib sha512_crypt with its own rounds',
    format: 'crypt',
    password: plain,
    hash: '$6$rounds=12345$JGWdPmymKGtx3dFb$RpWgJwNoB9Mx9oboql14jXDKkeWCwlS3rLE8fro/FzPgfWDYGW3t9CnoRlH.80J2.ADoZCdYsWuSxeFrHMuHD.',
  },
  {
    by: 'passlib sha256_crypt with its own rounds',
    format: 'crypt',
    password: plain,
    hash: '$5$rounds=1000$iG.sOjtyEfVjGirB$VxerLc59JVu9.A8H8YadVm29K1P6OJc6RlvIDbU5ry/',
  },
  {
    by: 'passlib ldap_salted_sha256',
    format: 'LDAP salted SHA',
    password: plain,
    hash: '{SSHA256}Bfh54ScXzNUMbK3rTGZy0TtsT8rEkKUhCzMDpBT6nuuVUup97/0fAw==',
  },
  {
    by: 'passlib ldap_salted_sha512',
    format: 'LDAP salted SHA',
    password: plain,
    hash: '{SSHA512}uTIftMyEXXa4eiCSTMmvYIT650AOiBOhE7hGnNz5r1/qd8ICcDRwmXckPtEa6Mk5AU42Y+uXDPbdIaFmI5aNx5hzrjUGgHAu',
  },
  {
    by: 'passlib ldap_sha512_crypt',
    format: 'LDAP crypt',
    password: plain,
    hash: '{CRYPT}$6$aEL1/vE6Ckwn2tCY$RVHvjtyBDyseeEbEtH4iVId1hkD8uGOGvK9eD1M5cUEL/KTBVBbenhikEXHRejcrl5kxhLkYxIZuGTl16EM6N/',
  },
  {
    by: 'Keycloak pbkdf2-sha256',
    format: 'Keycloak',
    password: plain,
    hash: '{"secretData":"{\\"value\\":\\"qxrPWzt9hLGq5Uy0YgkylhpPXLhVcQxeT2oamgl/B55iweZNTNftX1FftDUpJjat9vnCzLeuq85sAwpgANNMpA==\\",\\"salt\\":\\"CDzyv/ejq/Co2eNMgowNtA==\\",\\"additionalParameters\\":{}}","credentialData":"{\\"hashIterations\\":27500,\\"algorithm\\":\\"pbkdf2-sha256\\",\\"additionalParameters\\":{}}"}',
  },
  {
    by: 'Keycloak pbkdf2-sha512',
    format: 'Keycloak',
    password: plain,
    hash: '{"secretData":"{\\"value\\":\\"wJICaTU+HRSL5wzc0DlCwiQ6Dl4zm62WmBr4EKGi7Fy/YkmjgXs/CTNs6nkx+e5BBn9K5ZDRbawbOSp9T+liRg==\\",\\"salt\\":\\"zj2HidYucS4S413c0ahFjQ==\\",\\"additionalParameters\\":{}}","credentialData":"{\\"hashIterations\\":210000,\\"algorithm\\":\\"pbkdf2-sha512\\",\\"additionalParameters\\":{}}"}',
  },
  {
    by: 'Keycloak argon2',
    format: 'Keycloak',
    password: plain,
    hash: '{"secretData":"{\\"value\\":\\"G7Nq4vhvgv60O+KDgYWiI9CdYhEB2taJLlbQUc3dId4=\\",\\"salt\\":\\"2iWNg8JcnZ0tO9LHAcgR/w==\\",\\"additionalParameters\\":{}}","credentialData":"{\\"hashIterations\\":5,\\"algorithm\\":\\"argon2\\",\\"additionalParameters\\":{\\"hashLength\\":[\\"32\\"],\\"memory\\":[\\"7168\\"],\\"type\\":[\\"id\\"],\\"version\\":[\\"1.3\\"],\\"parallelism\\":[\\"1\\"]}}"}',
  },
  {
    by: 'Auth0 custom_password_hash scrypt',
    format: 'Auth0 custom_password_hash',
    password: plain,
    hash: '{"algorithm":"scrypt","hash":{"value":"9496b699d3f33041fd3eab984298489f843fde718a131edf8dde12e1a570a7e8165454fc5ac1bbbde215d53658a771cb30323daa5adf779f60b9789985e8a7af","encoding":"hex"},"salt":{"value":"abc12345","encoding":"utf8"},"keylen":64,"cost":16384,"blockSize":8,"parallelization":1}',
  },
  {
    by: 'Laravel',
    format: 'bcrypt',
    password: plain,
    hash: '$2y$08$NfeFg9u8k5h/MaicN5ommOJyyU0D0zShn7jRdsnF6/7T5jmLxID2u',
  },
  {
    by: 'Devise with the pepper "a pepper of Devise"',
    format: 'Devise with a pepper',
    password: plain,
    hash: '{devise}$2y$08$tiUBWuj3S33WX2eEXsZJBeodFHxroYJcNm6wPtD8eebrgJXzhUS6i',
  },
  {
    by: 'WordPress 6.8',
    format: 'WordPress bcrypt',
    password: plain,
    hash: '$wp$2y$08$3nQFQl10.5HUxI2uq76vuO2wEshd3jdWSUFUWnw4jU9Q17mOIlqOC',
  },
  {
    by: 'Drupal',
    format: 'Drupal',
    password: plain,
    hash: '$S$ApDq8vXk2pe8u5SX/Ixcw7Wi8oqV1UvnZB.UG9NE/VB1ELUY9i2j',
  },
  {
    by: 'openssl passwd -5',
    format: 'crypt',
    password: plain,
    hash: '$5$bH8y1hx78LviUFKd$kpKfedMWD6ASGHl9UJB.3t/mV8VB6e.EBBVQWeY7SqC',
  },
  {
    by: 'openssl passwd -6',
    format: 'crypt',
    password: plain,
    hash: '$6$VMWUmE6XzyTwZiTW$6.A9oN2dZyK2dc3nj5HU7YLWwreVQIkAr7JeMry77YX7OW4RfwwYoLOI61TVci3zmuZvVH1LlTU.CDG2Yapnn/',
  },
  {
    by: 'mkpasswd -m sha-512',
    format: 'crypt',
    password: plain,
    hash: '$6$rounds=20000$56H./7X1LwkmQmey$NfXReFfhENZTSkIPkXNfUXoG32s8Ix2xocrahqaJVqOnFjSe7mMNDzjbVzOPuvI4BmMgDp5zaD9lSxmyJfQi0.',
  },
  {
    by: 'perl crypt',
    format: 'crypt',
    password: plain,
    hash: '$6$pDq8vXk2RwZs$cKKs2rSNRyIZJnQe86.r/7WWX8dN35ofBGLWTVr9TcvEF1kmsdU2n9fQRTmwnrJfqCia4CgXsOBd/2LCJ54tg0',
  },
  {
    by: 'OpenLDAP slappasswd',
    format: 'LDAP salted SHA',
    password: plain,
    hash: '{SSHA}mHE9zilxj0+5+n6XexO76DV1I9sGeCoT',
  },
  {
    by: 'OpenLDAP slappasswd, pw-sha2',
    format: 'LDAP salted SHA',
    password: plain,
    hash: '{SSHA512}wmnQvU9a01eA0sCqs3aJNESav1PsnnfCJhuxNZuYzaGIpHLkU+8XXuhoDPIRuvchPTIMrW5cj/AKQ7VEE+ic/IUShRTbjYbP',
  },
  {
    by: 'OpenLDAP slappasswd, argon2',
    format: 'LDAP argon2',
    password: plain,
    hash: '{ARGON2}$argon2i$v=19$m=4096,t=3,p=1$+9F7sVdhnGWaWophRrQ1DA$WoCkVf+Id+lXr+0deomM6vVWx830BhQcE7ONJ/NrnNU',
  },
  {
    by: 'passlib ldap_pbkdf2_sha256',
    format: 'LDAP PBKDF2',
    password: plain,
    hash: '{PBKDF2-SHA256}25000$xbiX0hqDUGoNoVTqXavV2g$EW72sdhf0auj4NI6ciJYIDiF1kkUwNCBsJbC2iAyWqg',
  },
  // Characters beyond ASCII.
  {
    by: 'Django pbkdf2_sha256, beyond ASCII',
    format: 'Django pbkdf2',
    password: international,
    hash: 'pbkdf2_sha256$260000$5GEyca7qaC7QxXBsnnnDGY$yXAEb+w3adcYqb7O/3bdgVJML99IZMY7PCgT7fYN2vU=',
  },
  {
    by: 'Django scrypt, beyond ASCII',
    format: 'Django scrypt',
    password: international,
    hash: 'scrypt$16384$Y5mLpDq8vXk2RwZs$8$5$c84+1MRqvZR/QKRZVFtoBG28Xfv3S4QL2X09pFA60hF/aG8LmE/gUw7SuVjm+TxMXvf4SwG0PHgG4AsQb7YeYw==',
  },
  {
    by: 'passlib pbkdf2_sha512, beyond ASCII',
    format: 'pbkdf2',
    password: international,
    hash: '$pbkdf2-sha512$25000$KuWcE6I0xtibUyolBCAkxA$a.uagQp6kdD9TuMFep/tuWEuG6MS.A8kiWmvwYb1cFJbbNwf3Eg9IBzzjuIusBJV5Gp7uxXG7TscQCyJ4BhkTw',
  },
  {
    by: 'passlib phpass, WordPress, beyond ASCII',
    format: 'phpass',
    password: international,
    hash: '$P$BGfSYIbCGxu2v6ZkOC0CLMErHyZTYX0',
  },
  {
    by: 'Keycloak argon2, beyond ASCII',
    format: 'Keycloak',
    password: international,
    hash: '{"secretData":"{\\"value\\":\\"h0PjuuOZih/k/DGveCzmcrY9ZocwCsKj0UZ/RS6nGoU=\\",\\"salt\\":\\"7+4jcUj44f9KW6WKi9PylA==\\",\\"additionalParameters\\":{}}","credentialData":"{\\"hashIterations\\":5,\\"algorithm\\":\\"argon2\\",\\"additionalParameters\\":{\\"hashLength\\":[\\"32\\"],\\"memory\\":[\\"7168\\"],\\"type\\":[\\"id\\"],\\"version\\":[\\"1.3\\"],\\"parallelism\\":[\\"1\\"]}}"}',
  },
  {
    by: 'Laravel, beyond ASCII',
    format: 'bcrypt',
    password: international,
    hash: '$2y$08$674tBVvifNLKzgQ3dlsR8.WW1HD2ZYBzG3Af8vqt35zp2XLU9Bniq',
  },
  {
    by: 'WordPress 6.8, beyond ASCII',
    format: 'WordPress bcrypt',
    password: international,
    hash: '$wp$2y$08$2vjomtWbKa0wYszHkqYmFOaMvmY4OgKErTNsLADDtj9Y75YyB6xdO',
  },
  {
    by: 'Drupal, beyond ASCII',
    format: 'Drupal',
    password: international,
    hash: '$S$ApDq8vXk2pST66GMevIkJ/aAkrSJp9mZSjnC8NaI2zEnVNKHRt.8',
  },
  {
    by: 'openssl passwd -6, beyond ASCII',
    format: 'crypt',
    password: international,
    hash: '$6$mnZc6oMgaxGlIrFB$eLLZEVLuwHrLa2PxxVPiUw07lTBVvNRtZL.mHZFE56W8KRfmmXFOD0.X5hdQFGsUXrY5324aVi/3.ANP7sEm70',
  },
  {
    by: 'OpenLDAP slappasswd, beyond ASCII',
    format: 'LDAP salted SHA',
    password: international,
    hash: '{SSHA}ta+PHMPFBL2hwNbCU8SdfLn0UWAxW6yq',
  },
  // Published.
  {
    by: 'Firebase, from the documentation of firebase/scrypt',
    format: 'Firebase scrypt',
    password: 'user1password',
    hash: '$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==',
  },
  {
    by: 'Spring {bcrypt}, from its documentation',
    format: 'Spring bcrypt',
    password: 'password',
    hash: '{bcrypt}$2a$10$dXJ3SW6G7P50lGmMkkmwe.20cQQubK3.HZWzG3YB1tlRy.fqvM/BG',
  },
  {
    by: 'Spring {pbkdf2}, from its documentation',
    format: 'Spring pbkdf2',
    password: 'password',
    hash: '{pbkdf2}5d923b44a6d129f3ddf3e3c8d29412723dcbde72445e8ef6bf3b508fbf17fa4ed4d6b99ca763d8dc',
  },
  {
    by: 'Spring {scrypt}, from its documentation',
    format: 'Spring scrypt',
    password: 'password',
    hash: '{scrypt}$e0801$8bWJaSu2IKSn9Z9kM+TPXfOc/9bdYSrN1oD9qfVThWEwdRTnO7re7Ei+fUZRJ68k9lTyuTeUp4of4g24hHnazw==$OAOec05+bXxvuu/1qZ6NUR+xQYvYv7BeL1QxwRpY5Pc=',
  },
  {
    by: 'ASP.NET Identity V2, from its tests',
    format: 'ASP.NET Identity V2',
    password: 'my password',
    hash: 'ANXrDknc7fGPpigibZXXZFMX4aoqz44JveK6jQuwY3eH/UyPhvr5xTPeGYEckLxz9A==',
  },
  {
    by: 'ASP.NET Identity V3 with SHA-1, from its tests',
    format: 'ASP.NET Identity V3',
    password: 'my password',
    hash: 'AQAAAAAAAAD6AAAAEAhftMyfTJylOlZT+eEotFXd1elee8ih5WsjXaR3PA9M',
  },
  {
    by: 'ASP.NET Identity V3 with SHA-256, from its tests',
    format: 'ASP.NET Identity V3',
    password: 'my password',
    hash: 'AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==',
  },
  {
    by: 'ASP.NET Identity V3 with SHA-512, from its tests',
    format: 'ASP.NET Identity V3',
    password: 'my password',
    hash: 'AQAAAAIAAAD6AAAAIJbVi5wbMR+htSfFp8fTw8N8GOS/Sje+S/4YZcgBfU7EQuqv4OkVYmc4VJl9AGZzmRTxSkP7LtVi9IWyUxX8IAAfZ8v+ZfhjCcudtC1YERSqE1OEdXLW9VukPuJWBBjLuw==',
  },
  {
    by: "Django bcrypt_sha256, from passlib's tests",
    format: 'Django bcrypt_sha256',
    password: 'lètmein',
    hash: 'bcrypt_sha256$$2a$08$NDjSAIcas.EcoxCRiArvT.MkNiPYVhrsrnJsRkLueZOoV1bsQqlmC',
  },
  {
    by: 'phpass, from the examples of hashcat',
    format: 'phpass',
    password: 'hashcat',
    hash: '$P$984478476IagS59wHZvyQMArzfx58u.',
  },
  {
    by: "OpenLDAP {PBKDF2-SHA512}, from 389 Directory Server's tests",
    format: 'LDAP PBKDF2',
    password: 'password',
    hash: '{PBKDF2-SHA512}10000$Je1Uw19Bfv5lArzZ6V3EPw$g4T/1sqBUYWl9o93MVnyQ/8zKGSkPbKaXXsT8WmysXQJhWy8MRP2JFudSL.N9RklQYgDPxPjnfum/F2f/TrppA',
  },
  {
    by: '389 Directory Server {PBKDF2_SHA256}, from the examples of hashcat',
    format: 'LDAP PBKDF2',
    password: 'hashcat',
    hash: '{PBKDF2_SHA256}AAAgADkxMjM2NTIzMzgzMjQ3MjI4MDAwNTk5OTAyOTk4NDI2MjkyMzAzNjg0NjQwOTMxNjI3OTMzNjg0MDI0OTY5NTe5ULagRTYpLaUoeqJMg8x9W/DXu+9VTFaVhaYvebYrY+sOqn1ZMRnws22C1uAkiE2tFM8qN+xw5xe7OmCPZ203NuruK4oB33QlsKIEz4ppm0TR94JB9PJx7lIQwFHD3FUNUNryj4jk6UYyJ4+V1Z9Ug/Iy/ylQBJgfs5ihzgxHYZrfp1wUCXFzlZG9mxmziPm8VFnAhaX4+FBAZvLAx33jpbKOwEg7TmwP2VJ8BNFLQRqwYdlqIjQlAhncXH+dqIF9VdM4MonAA0hx76bMvFTP7LF5VO1IqVmcuYz7YG9v4KKRjnvoUUqOj6okUBQTay3EzsdFVnUW1FemYOccJd5q',
  },
  {
    by: 'Drupal 7, from the examples of hashcat',
    format: 'Drupal',
    password: 'hashcat',
    hash: '$S$C33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf',
  },
  {
    by: 'passlib bcrypt_sha256 in its first version, from its documentation',
    format: 'passlib bcrypt-sha256',
    password: 'password',
    hash: '$bcrypt-sha256$2b,12$LrmaIX5x4TRtAwEfwJZa1.$2ehnw6LvuIUTM0iz4iz9hTxv21B6KFO',
  },
];
