/** Tables of the first version of the database. */
export const tables = `
  CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, content_id INTEGER NOT NULL UNIQUE, received_at INTEGER NOT NULL,
    size INTEGER NOT NULL, unread INTEGER NOT NULL DEFAULT 1, envelope TEXT NOT NULL, digest TEXT, parse_error TEXT
  ) STRICT;
  CREATE INDEX message_unread ON message (id) WHERE unread = 1;
  CREATE INDEX message_unparsed ON message (id) WHERE digest IS NULL AND parse_error IS NULL;
  CREATE TABLE content (
    content_id INTEGER NOT NULL, position INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (content_id, position)
  ) STRICT;
`;

/** From the third version on. */
export const sessions = `
  CREATE TABLE message_session (message_id INTEGER PRIMARY KEY, transcript TEXT NOT NULL, notes TEXT NOT NULL) STRICT;
`;
