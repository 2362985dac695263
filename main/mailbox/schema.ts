import type { DatabaseSync } from 'node:sqlite';

/** Octets of a message, before compression, in one row of `content`: bounds what is in memory at once. */
export const PIECE_SIZE = 256 * 1024;

/** The mailbox of those who did not authenticate. */
export const INBOX = 1;

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
  `
  -- Mail by the AUTH user who sent it; without one it lies in the first. Counts are kept, as counting takes time.
  CREATE TABLE mailbox (
    id INTEGER PRIMARY KEY,
    user TEXT UNIQUE,
    name TEXT NOT NULL,
    total INTEGER NOT NULL DEFAULT 0,
    unread INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  INSERT INTO mailbox (id, name) VALUES (${INBOX}, 'Inbox');
  INSERT INTO mailbox (user, name)
    SELECT DISTINCT envelope ->> '$.user', envelope ->> '$.user' FROM message WHERE envelope ->> '$.user' IS NOT NULL;

  ALTER TABLE message ADD COLUMN mailbox_id INTEGER NOT NULL DEFAULT ${INBOX};
  ALTER TABLE message ADD COLUMN starred INTEGER NOT NULL DEFAULT 0;
  -- Whether the parser is done with it, and the full-text index with what it read.
  ALTER TABLE message ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
  UPDATE message SET mailbox_id = (SELECT id FROM mailbox WHERE user = envelope ->> '$.user')
    WHERE envelope ->> '$.user' IS NOT NULL;
  UPDATE mailbox SET
    total = (SELECT count(*) FROM message WHERE mailbox_id = mailbox.id),
    unread = (SELECT count(*) FROM message WHERE mailbox_id = mailbox.id AND unread = 1);

  CREATE INDEX message_mailbox ON message (mailbox_id, id);
  DROP INDEX message_unread;
  CREATE INDEX message_unread ON message (mailbox_id, id) WHERE unread = 1;
  CREATE INDEX message_size ON message (size);
  CREATE INDEX message_received ON message (received_at);
  CREATE INDEX message_starred ON message (id) WHERE starred = 1;
  DROP INDEX message_unparsed;
  CREATE INDEX message_unindexed ON message (id) WHERE indexed = 0;

  CREATE TRIGGER message_came AFTER INSERT ON message BEGIN
    UPDATE mailbox SET total = total + 1, unread = unread + NEW.unread WHERE id = NEW.mailbox_id;
  END;
  CREATE TRIGGER message_went AFTER DELETE ON message BEGIN
    UPDATE mailbox SET total = total - 1, unread = unread - OLD.unread WHERE id = OLD.mailbox_id;
    DELETE FROM search WHERE rowid = OLD.id;
  END;
  CREATE TRIGGER message_marked AFTER UPDATE OF unread ON message WHEN NEW.unread <> OLD.unread BEGIN
    UPDATE mailbox SET unread = unread + NEW.unread - OLD.unread WHERE id = NEW.mailbox_id;
  END;

  -- By the message's id. It holds no text, only where words stand. See search/fold.ts for what goes in.
  CREATE VIRTUAL TABLE search USING fts5 (
    subject, sender, recipient, cc, bcc, body, attachment, header,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
  );
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
