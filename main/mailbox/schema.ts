import type { DatabaseSync } from 'node:sqlite';
import { PIECE_SIZE, compress, decompress, withRecord } from './content-store.ts';
import type { Note } from './message.ts';

/** The mailbox of those who did not authenticate. */
export const INBOX = 1;

/** The full-text index, empty. */
export const searchIndex = `
  -- By the message's id. It holds no text, only where words stand. See search/fold.ts for what goes in.
  CREATE VIRTUAL TABLE search USING fts5 (
    subject, sender, recipient, cc, bcc, body, attachment, header,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
  );
`;

/** Whether a message that goes was there for people until now: SQL. */
const wasVisible =
  'NOT EXISTS (SELECT 1 FROM deleted WHERE message_id = OLD.id) AND NOT EXISTS ' +
  '(SELECT 1 FROM deletion WHERE through >= OLD.id AND (mailbox_id IS NULL OR mailbox_id = OLD.mailbox_id))';

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

  ${searchIndex}
  `,
  `
  -- What was said goes behind the last octets of the message, see content-store.ts.
  INSERT INTO content
    SELECT content_id, size / ${PIECE_SIZE}, with_record(NULL, transcript, notes)
    FROM message JOIN message_session ON message_id = id WHERE size % ${PIECE_SIZE} = 0;
  UPDATE content SET bytes = with_record(bytes, transcript, notes)
    FROM message JOIN message_session ON message_id = id
    WHERE content.content_id = message.content_id AND position = size / ${PIECE_SIZE} AND size % ${PIECE_SIZE} > 0;
  DROP TABLE message_session;

  -- Those that stand in messages, see search/vocabulary.ts. Messages that are indexed already are read again for it.
  CREATE TABLE word (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  UPDATE message SET indexed = 0;

  -- AUTOINCREMENT: what a deletion counts of a tag that is gone must never come to mean another one.
  CREATE TABLE tag (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    color TEXT NOT NULL,
    total INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE message_tag (
    tag_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (tag_id, message_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX message_tag_message ON message_tag (message_id);

  -- What was deleted and can still be brought back: hidden at once, however much it is, and removed later, bit by bit.
  CREATE TABLE deletion (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    deleted_at INTEGER NOT NULL,
    -- All messages up to this one, of one mailbox or (NULL) of all; 0 where they are named in deleted.
    through INTEGER NOT NULL DEFAULT 0,
    mailbox_id INTEGER,
    -- What went out of the counts with it, to be added again where it is brought back.
    counts TEXT NOT NULL DEFAULT '[]'
  ) STRICT;
  CREATE TABLE deleted (
    message_id INTEGER PRIMARY KEY,
    deletion_id INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX deleted_deletion ON deleted (deletion_id);

  -- By how many milliseconds the clock was set back at most between two messages.
  CREATE TABLE clock (set_back INTEGER NOT NULL) STRICT;
  INSERT INTO clock SELECT coalesce(max(latest - received_at), 0)
    FROM (SELECT received_at, max(received_at) OVER (ORDER BY id) AS latest FROM message);

  -- Octets of the messages, and what is kept of them where that is another matter than for all mailboxes, as JSON.
  ALTER TABLE mailbox ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE mailbox ADD COLUMN retention TEXT;
  UPDATE mailbox SET size = coalesce((SELECT sum(size) FROM message WHERE mailbox_id = mailbox.id), 0);

  -- Counts are of what is not hidden.
  DROP TRIGGER message_came;
  DROP TRIGGER message_went;
  DROP TRIGGER message_marked;
  CREATE TRIGGER message_came AFTER INSERT ON message BEGIN
    UPDATE mailbox SET total = total + 1, unread = unread + NEW.unread, size = size + NEW.size WHERE id = NEW.mailbox_id;
  END;
  CREATE TRIGGER message_marked AFTER UPDATE OF unread ON message WHEN NEW.unread <> OLD.unread BEGIN
    UPDATE mailbox SET unread = unread + NEW.unread - OLD.unread WHERE id = NEW.mailbox_id;
  END;
  CREATE TRIGGER message_went AFTER DELETE ON message BEGIN
    UPDATE mailbox SET total = total - 1, unread = unread - OLD.unread, size = size - OLD.size
      WHERE id = OLD.mailbox_id AND ${wasVisible};
    UPDATE tag SET total = total - 1
      WHERE id IN (SELECT tag_id FROM message_tag WHERE message_id = OLD.id) AND ${wasVisible};
    DELETE FROM message_tag WHERE message_id = OLD.id;
    DELETE FROM content WHERE content_id = OLD.content_id;
    DELETE FROM search WHERE rowid = OLD.id;
    DELETE FROM deleted WHERE message_id = OLD.id;
  END;
  `,
];

/** What a database of a newer version of the app is refused with. */
export class NewerVersion extends Error {
  constructor() {
    super('The mailbox was written by a newer version of Mailmitt.');
  }
}

/**
 * Brings a database to the newest schema.
 * @throws NewerVersion
 */
export function migrate(database: DatabaseSync): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > migrations.length) throw new NewerVersion();
  if (version === migrations.length) return;
  database.function('with_record', (bytes, transcript, notes) =>
    compress(
      withRecord(bytes === null ? Buffer.alloc(0) : decompress(bytes as Uint8Array), {
        transcript: transcript as string,
        notes: JSON.parse(notes as string) as Note[],
      }),
    ),
  );
  for (const [index, step] of migrations.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN; ${step} PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}
