-- The one schema of gifchat.db. Times are milliseconds since the epoch, UTC.
-- Every write is one statement, and so one transaction; what must change with it, changes by a trigger or a cascade.

CREATE TABLE visitors (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice: records keep the ids of the forgotten
    session TEXT    NOT NULL UNIQUE,            -- the random value in the signed cookie
    user    TEXT    NOT NULL UNIQUE CHECK (user GLOB '#[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
    seen_at INTEGER NOT NULL
) STRICT;

CREATE TABLE rooms (
    key           INTEGER PRIMARY KEY AUTOINCREMENT,
    id            TEXT    NOT NULL UNIQUE CHECK (length(id) = 24),
    title         TEXT    NOT NULL CHECK (length(title) BETWEEN 1 AND 60),
    max           INTEGER NOT NULL CHECK (max >= 2),
    owner_id      INTEGER NOT NULL,
    owner         TEXT    NOT NULL,
    password_hash TEXT,
    ephemeral     INTEGER NOT NULL CHECK (ephemeral IN (0, 1)),
    created_at    INTEGER NOT NULL
) STRICT;

-- Who passed the checks of a room and may post and read there.
CREATE TABLE grants (
    room       INTEGER NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
    visitor_id INTEGER NOT NULL,
    PRIMARY KEY (room, visitor_id)
) STRICT, WITHOUT ROWID;

-- Who holds a place in a room; `since` is the seq of the join record, so the lowest has been there longest.
CREATE TABLE members (
    room       INTEGER NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
    visitor_id INTEGER NOT NULL,
    since      INTEGER NOT NULL,
    PRIMARY KEY (room, visitor_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE bans (
    room       INTEGER NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
    visitor_id INTEGER NOT NULL,
    user       TEXT    NOT NULL,
    PRIMARY KEY (room, visitor_id)
) STRICT, WITHOUT ROWID;

-- One row a file in uploads/. A file without a row is swept away when the server starts.
CREATE TABLE images (
    name       TEXT    PRIMARY KEY,
    room       INTEGER NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
    size_bytes INTEGER NOT NULL CHECK (size_bytes > 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX images_by_room ON images (room);

-- The records of all rooms. A system record has an `event`, and `visitor_id` and `user` name its subject.
-- They stand in the order in which a room is read, so that a message writes one page, and a page of history reads few.
CREATE TABLE chats (
    seq        INTEGER NOT NULL,
    room       INTEGER NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
    visitor_id INTEGER NOT NULL,  -- no foreign key: records stay when a visitor is forgotten
    user       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    chat       TEXT CHECK (length(chat) BETWEEN 1 AND 2000),
    gif        TEXT,
    width      INTEGER,
    height     INTEGER,
    to_id      INTEGER,
    to_user    TEXT,
    event      TEXT CHECK (event IN ('join', 'exit', 'owner', 'kick')),
    members    INTEGER,
    nonce      TEXT CHECK (length(nonce) BETWEEN 1 AND 64),
    CHECK (chat IS NOT NULL OR gif IS NOT NULL),
    CHECK ((gif IS NULL) = (width IS NULL) AND (gif IS NULL) = (height IS NULL)),
    CHECK ((to_id IS NULL) = (to_user IS NULL)),
    PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;

-- A seq that is in use, or was: of deleted records, and of those of ephemeral rooms, which are not stored.
CREATE TABLE used_seq (seq INTEGER NOT NULL) STRICT;
INSERT INTO used_seq VALUES (0);

CREATE INDEX chats_by_gif ON chats (gif) WHERE gif IS NOT NULL;

-- The same nonce again is the same message again.
CREATE UNIQUE INDEX chats_by_nonce ON chats (room, visitor_id, nonce) WHERE nonce IS NOT NULL;

CREATE TRIGGER room_made AFTER INSERT ON rooms BEGIN
    INSERT INTO grants (room, visitor_id) VALUES (new.key, new.owner_id);
END;

-- A system record and what it tells of are true together. (OR IGNORE: somebody may be admitted, or kicked, already.)
CREATE TRIGGER join_recorded AFTER INSERT ON chats WHEN new.event = 'join' BEGIN
    INSERT OR IGNORE INTO grants (room, visitor_id) VALUES (new.room, new.visitor_id);
    INSERT OR IGNORE INTO members (room, visitor_id, since) VALUES (new.room, new.visitor_id, new.seq);
END;

CREATE TRIGGER exit_recorded AFTER INSERT ON chats WHEN new.event = 'exit' BEGIN
    DELETE FROM members WHERE room = new.room AND visitor_id = new.visitor_id;
END;

CREATE TRIGGER owner_recorded AFTER INSERT ON chats WHEN new.event = 'owner' BEGIN
    UPDATE rooms SET owner_id = new.visitor_id, owner = new.user WHERE key = new.room;
END;

CREATE TRIGGER kick_recorded AFTER INSERT ON chats WHEN new.event = 'kick' BEGIN
    DELETE FROM members WHERE room = new.room AND visitor_id = new.visitor_id;
    DELETE FROM grants WHERE room = new.room AND visitor_id = new.visitor_id;
    INSERT OR IGNORE INTO bans (room, visitor_id, user) VALUES (new.room, new.visitor_id, new.user);
END;

-- An ephemeral room's own record is let go in the same statement: what it tells of stays, the line does not. SQLite
-- leaves open which trigger of one event fires first; this one only touches a table that the others do not read.
CREATE TRIGGER ephemeral_record_dropped AFTER INSERT ON chats
WHEN new.event IS NOT NULL AND (SELECT ephemeral FROM rooms WHERE key = new.room) BEGIN
    UPDATE used_seq SET seq = max(seq, new.seq);
    DELETE FROM chats WHERE room = new.room AND seq = new.seq;
END;
