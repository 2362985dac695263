import type { DatabaseSync } from 'node:sqlite';

/** Octets of a message, before compression, in one row of `content`: bounds what is in memory at once. */
export const PIECE_SIZE = 256 * 1024;

/**
 * The steps from an empty database to the newest schema, each applied once and in order; `user_version` counts them.
 * A step that was released is never edited: what it got wrong, a further one mends.
 */
const migrations: readonly string[] = [
  `
  -- AUTOINCREMENT: an id was told to a client in a reply and must never come to mean another message.
  CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content_id INTEGER NOT NULL UNIQUE,
    received_at INTEGER NOT NULL,
    size INTEGER NOT NULL,
    unread INTEGER NOT NULL DEFAULT 1,
    envelope TEXT NOT NULL,
    -- What the parser read, as JSON: NULL until it did, and where it could not.
    digest TEXT,
    -- Why the parser could not read it.
    parse_error TEXT
  ) STRICT;
  CREATE INDEX message_unread ON message (id) WHERE unread = 1;
  CREATE INDEX message_unparsed ON message (id) WHERE digest IS NULL AND parse_error IS NULL;

  -- The bytes as they came, ${PIECE_SIZE} to a row and each row compressed by itself (zstd). Rows of a large message are
  -- written while it still comes in, before it has an id; those whose message never came are swept at the next start.
  CREATE TABLE content (
    content_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (content_id, position)
  ) STRICT;
  `,
  `
  -- What MAIL and RCPT said beyond their paths is kept from here on.
  UPDATE message SET envelope = json_set(
    envelope,
    '$.parameters', json('{}'),
    '$.forwardPathParameters', (SELECT json_group_array(json('{}')) FROM json_each(envelope, '$.forwardPaths'))
  );
  `,
  `
  UPDATE message SET envelope = json_set(envelope, '$.tls', NULL, '$.user', NULL);

  -- What was said on the wire, apart from the rows that the list is read from. Older messages have none.
  CREATE TABLE message_session (
    message_id INTEGER PRIMARY KEY,
    transcript TEXT NOT NULL,
    notes TEXT NOT NULL
  ) STRICT;

  -- Sessions in which something was refused and nothing accepted.
  CREATE TABLE refused_session (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at INTEGER NOT NULL,
    remote_address TEXT NOT NULL,
    client_name TEXT NOT NULL,
    reply TEXT NOT NULL,
    transcript TEXT NOT NULL,
    notes TEXT NOT NULL
  ) STRICT;
  `,
  `
  -- Each refusal on its own, with the rule that decided; of older sessions only the first reply is known.
  CREATE TABLE refused (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at INTEGER NOT NULL,
    remote_address TEXT NOT NULL,
    client_name TEXT NOT NULL,
    reverse_path TEXT,
    refusals TEXT NOT NULL,
    unread INTEGER NOT NULL DEFAULT 1,
    transcript TEXT NOT NULL,
    notes TEXT NOT NULL
  ) STRICT;
  CREATE INDEX refused_unread ON refused (id) WHERE unread = 1;
  INSERT INTO refused SELECT
    id, started_at, remote_address, client_name, NULL,
    json_array(json_object('at', started_at, 'stage', NULL, 'mailbox', '', 'reply', reply, 'rule', NULL)),
    0, transcript, notes
  FROM refused_session;
  DROP TABLE refused_session;
  `,
];

/**
 * Brings a database to the newest schema.
 * @throws Error when it was written by a newer version of the app
 */
export function migrate(database: DatabaseSync): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > migrations.length) {
    throw new Error('The mailbox was written by a newer version of Mailmitt.');
  }
  for (const [index, step] of migrations.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN; ${step} PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}
