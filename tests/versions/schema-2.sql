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
    created_at    INTEGER NOT NULL,
    image_bytes   INTEGER NOT NULL DEFAULT 0  -- what its images take, each counted in full
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

-- One row an image in uploads/, in however many rooms it is. A file without a row is swept away when the server starts.
CREATE TABLE images (
    name       TEXT    PRIMARY KEY,
    sha256     BLOB    UNIQUE CHECK (length(sha256) = 32),  -- NULL where it is not known: no other is taken for the same
    size_bytes INTEGER NOT NULL CHECK (size_bytes > 0),     -- with its poster
    width      INTEGER,
    height     INTEGER,
    moving     INTEGER CHECK (moving = 1),                  -- its poster lies beside it
    CHECK (sha256 IS NULL OR (width IS NOT NULL AND height IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- The rooms an image is in. `uses` counts its records there, and those that are about to be written; in an ephemeral
-- room, how often it was shown. The last use gone, the row goes; the last row gone, the image goes.
CREATE TABLE room_images (
    room     INTEGER NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
    image    TEXT    NOT NULL REFERENCES images (name),
    uses     INTEGER NOT NULL,
    last_seq INTEGER,  -- of its latest record
    PRIMARY KEY (room, image)
) STRICT, WITHOUT ROWID;

CREATE INDEX room_images_by_image ON room_images (image);
CREATE INDEX room_images_by_seq ON room_images (room, last_seq);

-- What each visitor has sent, for as long as the image is there.
CREATE TABLE sent_images (
    visitor_id INTEGER NOT NULL,
    image      TEXT    NOT NULL REFERENCES images (name) ON DELETE CASCADE,
    last_seq   INTEGER NOT NULL,
    PRIMARY KEY (visitor_id, image)
) STRICT, WITHOUT ROWID;

CREATE INDEX sent_images_by_image ON sent_images (image);
CREATE INDEX sent_images_by_seq ON sent_images (visitor_id, last_seq);

-- Images whose row is gone and whose files are still to be deleted. A name is never given twice, so that can wait.
CREATE TABLE removed_images (name TEXT PRIMARY KEY, moving INTEGER) STRICT, WITHOUT ROWID;

-- What all images take together (what a room's take is in `rooms`), and what they may.
CREATE TABLE image_space (bytes INTEGER NOT NULL, quota_bytes INTEGER NOT NULL) STRICT;
INSERT INTO image_space VALUES (0, 0);

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
    moving     INTEGER CHECK (moving = 1),
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

-- Showing an image in a room is one INSERT into this view: of a `name` that is there, or of a new image with all it has,
-- in whose place one with the same content is taken if there is one.
CREATE VIEW shown AS
    SELECT room, name, sha256, size_bytes, width, height, moving FROM room_images JOIN images ON name = image;

CREATE TRIGGER image_shown INSTEAD OF INSERT ON shown BEGIN
    INSERT INTO images (name, sha256, size_bytes, width, height, moving)
        SELECT new.name, new.sha256, new.size_bytes, new.width, new.height, new.moving WHERE new.sha256 IS NOT NULL
        ON CONFLICT (sha256) DO NOTHING;
    SELECT RAISE(ABORT, 'gone') WHERE new.sha256 IS NULL AND NOT EXISTS (SELECT 1 FROM images WHERE name = new.name);
    INSERT INTO room_images (room, image, uses)
        SELECT new.room, coalesce((SELECT name FROM images WHERE sha256 = new.sha256), new.name), 1 WHERE true
        ON CONFLICT (room, image) DO UPDATE SET uses = uses + 1;
END;

CREATE TRIGGER image_added AFTER INSERT ON images BEGIN
    UPDATE image_space SET bytes = bytes + new.size_bytes;
    SELECT RAISE(ABORT, 'quota') FROM image_space WHERE bytes > quota_bytes;
END;

CREATE TRIGGER room_image_added AFTER INSERT ON room_images BEGIN
    UPDATE rooms SET image_bytes = image_bytes + (SELECT size_bytes FROM images WHERE name = new.image)
        WHERE key = new.room;
    SELECT RAISE(ABORT, 'quota') FROM rooms, image_space WHERE key = new.room AND image_bytes > quota_bytes / 4;
END;

CREATE TRIGGER image_recorded AFTER INSERT ON chats WHEN new.gif IS NOT NULL BEGIN
    UPDATE room_images SET last_seq = new.seq WHERE room = new.room AND image = new.gif;
    INSERT INTO sent_images (visitor_id, image, last_seq) VALUES (new.visitor_id, new.gif, new.seq)
        ON CONFLICT (visitor_id, image) DO UPDATE SET last_seq = new.seq;
END;

CREATE TRIGGER image_record_deleted AFTER DELETE ON chats WHEN old.gif IS NOT NULL BEGIN
    UPDATE room_images SET uses = uses - 1 WHERE room = old.room AND image = old.gif;
END;

CREATE TRIGGER image_unused AFTER UPDATE OF uses ON room_images WHEN new.uses <= 0 BEGIN
    DELETE FROM room_images WHERE room = new.room AND image = new.image;
END;

CREATE TRIGGER room_image_removed AFTER DELETE ON room_images BEGIN
    UPDATE rooms SET image_bytes = image_bytes - (SELECT size_bytes FROM images WHERE name = old.image)
        WHERE key = old.room;
    DELETE FROM images WHERE name = old.image AND NOT EXISTS (SELECT 1 FROM room_images WHERE image = old.image);
END;

CREATE TRIGGER image_removed AFTER DELETE ON images BEGIN
    UPDATE image_space SET bytes = bytes - old.size_bytes;
    INSERT INTO removed_images (name, moving) VALUES (old.name, old.moving);
END;

CREATE TRIGGER visitor_forgotten AFTER DELETE ON visitors BEGIN
    DELETE FROM sent_images WHERE visitor_id = old.id;
END;
