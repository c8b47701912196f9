// README.txt of an archive, for whoever opens it without Muster.

export function readmeOf(version: string, createdAt: number): string {
  return `This is an archive of a user-account service, written by Muster ${version}
at ${new Date(createdAt).toISOString()}.

KEEP IT SECRET. It contains the hashes of passwords and tokens, and personal
data of everybody who has an account.

To verify that it is whole:

    sha256sum -c SHA256SUMS

manifest.json lists what is here: each table, with its number of rows, the
meaning and the type of its columns, and its files with their sizes and SHA-256
checksums. It also says which tables are left out, and why.

Each table is a folder. Its files are read one after the other, in the order
of their names. Each line of a file is one row: a JSON object in UTF-8.

    integer   a JSON number; ids are never used again, and rows refer to
              other rows by them, such as user_id to the id of users
    text      a JSON string
    boolean   true or false
    time      ISO 8601 in UTC, such as "2026-11-24T08:14:22.805Z"
    json      the value itself

A value that is not there is null.

The hashes of passwords say themselves how they were made: $argon2id$ and
$2b$ (bcrypt) are those of Muster, and others come from systems before it.

To import the archive into an empty database of Muster, on SQLite or on
PostgreSQL:

    muster import archive.tar.gz --create
`;
}
