<?php
// Prints hashes of a password by PHP, one `name<TAB>hash` a line. Debian's package: php-cli

$password = $argv[1];
$options = ['cost' => 8];
$show = fn ($name, $hash) => print("$name\t$hash\n");

$show('Laravel', password_hash($password, PASSWORD_BCRYPT, $options));
$show('Devise with the pepper "a pepper of Devise"', '{devise}' . password_hash($password . 'a pepper of Devise', PASSWORD_BCRYPT, $options));
// wp_hash_password of WordPress 6.8.
$digest = base64_encode(hash_hmac('sha384', $password, 'wp-sha384', true));
$show('WordPress 6.8', '$wp' . password_hash($digest, PASSWORD_BCRYPT, $options));
// user_hash_password of Drupal: _password_crypt in includes/password.inc with a count of 2^12.
$itoa = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
$salt = 'pDq8vXk2';
$hash = hash('sha512', $salt . $password, true);
for ($i = 0; $i < 2 ** 12; $i++) $hash = hash('sha512', $hash . $password, true);
$bits = '';
foreach (str_split($hash, 3) as $three) {
    $number = 0;
    foreach (str_split($three) as $at => $byte) $number |= ord($byte) << (8 * $at);
    for ($at = 0; $at <= strlen($three); $at++) $bits .= $itoa[($number >> (6 * $at)) & 63];
}
$show('Drupal', substr('$S$' . $itoa[12] . $salt . $bits, 0, 55));
