"""The scripts that migrate a database from one version to the next. Existing scripts are never changed."""

from collections.abc import Mapping

from db.desk_migration import DESK

# From one row per image and room to images that are stored once and shown in many rooms.
_SHARED_IMAGES = """
ALTER TABLE rooms ADD COLUMN image_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chats ADD COLUMN moving INTEGER CHECK (moving = 1);
DROP INDEX images_by_room;
ALTER TABLE images RENAME TO images_before;

CREATE TABLE images (
    name       TEXT    PRIMARY KEY,
    sha256     BLOB    UNIQUE CHECK (length(sha256) = 32),
    size_bytes INTEGER NOT NULL CHECK (size_bytes > 0),
    width      INTEGER,
    height     INTEGER,
    moving     INTEGER CHECK (moving = 1),
    CHECK (sha256 IS NULL OR (width IS NOT NULL AND height IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE room_images (
    room     INTEGER NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
    image    TEXT    NOT NULL REFERENCES images (name),
    uses     INTEGER NOT NULL,
    last_seq INTEGER,
    PRIMARY KEY (room, image)
) STRICT, WITHOUT ROWID;

CREATE INDEX room_images_by_image ON room_images (image);
CREATE INDEX room_images_by_seq ON room_images (room, last_seq);

CREATE TABLE sent_images (
    visitor_id INTEGER NOT NULL,
    image      TEXT    NOT NULL REFERENCES images (name) ON DELETE CASCADE,
    last_seq   INTEGER NOT NULL,
    PRIMARY KEY (visitor_id, image)
) STRICT, WITHOUT ROWID;

CREATE INDEX sent_images_by_image ON sent_images (image);
CREATE INDEX sent_images_by_seq ON sent_images (visitor_id, last_seq);

CREATE TABLE removed_images (name TEXT PRIMARY KEY, moving INTEGER) STRICT, WITHOUT ROWID;

CREATE TABLE image_space (bytes INTEGER NOT NULL, quota_bytes INTEGER NOT NULL) STRICT;

-- An image had the same record's room; one in an ephemeral room has no record.
INSERT INTO images (name, size_bytes, width, height)
    SELECT name, size_bytes, max(width), max(height) FROM images_before LEFT JOIN chats ON gif = name GROUP BY name;
INSERT INTO room_images (room, image, uses, last_seq)
    SELECT images_before.room, name, max(count(seq), 1), max(seq)
    FROM images_before LEFT JOIN chats ON gif = name AND chats.room = images_before.room GROUP BY name;
INSERT INTO sent_images (visitor_id, image, last_seq)
    SELECT visitor_id, gif, max(seq) FROM chats JOIN images ON name = gif
    WHERE visitor_id IN (SELECT id FROM visitors) GROUP BY visitor_id, gif;
UPDATE rooms SET image_bytes = (SELECT coalesce(sum(size_bytes), 0) FROM images_before WHERE room = key);
INSERT INTO image_space SELECT coalesce(sum(size_bytes), 0), 0 FROM images;
DROP TABLE images_before;

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
END
"""

# Kept rooms, and the visitors for whom a room is kept.
_LINGERING = """
ALTER TABLE rooms ADD COLUMN kept INTEGER NOT NULL DEFAULT 0 CHECK (kept IN (0, 1));
ALTER TABLE chats ADD COLUMN lingers INTEGER CHECK (lingers IS NULL OR (lingers = 1 AND event IS 'exit'));

CREATE TABLE lingering (
    room       INTEGER NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
    visitor_id INTEGER NOT NULL,
    PRIMARY KEY (room, visitor_id)
) STRICT, WITHOUT ROWID;

DROP TRIGGER join_recorded;
CREATE TRIGGER join_recorded AFTER INSERT ON chats WHEN new.event = 'join' BEGIN
    INSERT OR IGNORE INTO grants (room, visitor_id) VALUES (new.room, new.visitor_id);
    INSERT OR IGNORE INTO members (room, visitor_id, since) VALUES (new.room, new.visitor_id, new.seq);
    DELETE FROM lingering WHERE room = new.room AND visitor_id = new.visitor_id;
END;

DROP TRIGGER exit_recorded;
CREATE TRIGGER exit_recorded AFTER INSERT ON chats WHEN new.event = 'exit' BEGIN
    DELETE FROM members WHERE room = new.room AND visitor_id = new.visitor_id;
    INSERT OR IGNORE INTO lingering (room, visitor_id) SELECT new.room, new.visitor_id WHERE new.lingers;
END;

DROP TRIGGER kick_recorded;
CREATE TRIGGER kick_recorded AFTER INSERT ON chats WHEN new.event = 'kick' BEGIN
    DELETE FROM members WHERE room = new.room AND visitor_id = new.visitor_id;
    DELETE FROM grants WHERE room = new.room AND visitor_id = new.visitor_id;
    DELETE FROM lingering WHERE room = new.room AND visitor_id = new.visitor_id;
    INSERT OR IGNORE INTO bans (room, visitor_id, user) VALUES (new.room, new.visitor_id, new.user);
END
"""

# Triggers refuse only images that exceed a quota.
_ONE_REFUSAL = """
DROP TRIGGER image_shown;
CREATE TRIGGER image_shown INSTEAD OF INSERT ON shown BEGIN
    INSERT INTO images (name, sha256, size_bytes, width, height, moving)
        SELECT new.name, new.sha256, new.size_bytes, new.width, new.height, new.moving WHERE new.sha256 IS NOT NULL
        ON CONFLICT (sha256) DO NOTHING;
    INSERT INTO room_images (room, image, uses)
        SELECT new.room, coalesce((SELECT name FROM images WHERE sha256 = new.sha256), new.name), 1 WHERE true
        ON CONFLICT (room, image) DO UPDATE SET uses = uses + 1;
END
"""

_EPOCH = """
CREATE TABLE epoch (word TEXT NOT NULL, mark TEXT NOT NULL) STRICT;
INSERT INTO epoch VALUES (lower(hex(randomblob(8))), '')
"""

# Records that change. SQLite cannot alter a CHECK, so the table is rebuilt: some seconds a million records.
_CHANGES = """
CREATE TABLE chats_now (
    seq        INTEGER NOT NULL,
    room       INTEGER NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
    visitor_id INTEGER NOT NULL,
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
    lingers    INTEGER CHECK (lingers IS NULL OR (lingers = 1 AND event IS 'exit')),
    rev        INTEGER,
    re         INTEGER,
    changed    TEXT,
    CHECK (chat IS NOT NULL OR gif IS NOT NULL OR changed IS NOT NULL),
    CHECK (changed IS NULL OR rev IS NOT NULL),
    CHECK ((gif IS NULL) = (width IS NULL) AND (gif IS NULL) = (height IS NULL)),
    CHECK ((to_id IS NULL) = (to_user IS NULL)),
    PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;

INSERT INTO chats_now SELECT seq, room, visitor_id, user, created_at, chat, gif, width, height, to_id, to_user, event,
    members, nonce, moving, lingers, NULL, NULL, NULL FROM chats;
DROP TABLE chats;
ALTER TABLE chats_now RENAME TO chats;

CREATE INDEX chats_by_rev ON chats (room, rev) WHERE rev IS NOT NULL;

CREATE INDEX chats_by_re ON chats (room, re) WHERE re IS NOT NULL;

CREATE INDEX chats_by_gif ON chats (gif) WHERE gif IS NOT NULL;

CREATE UNIQUE INDEX chats_by_nonce ON chats (room, visitor_id, nonce) WHERE nonce IS NOT NULL;

CREATE TRIGGER change_of_nothing BEFORE INSERT ON chats
WHEN new.rev IS NOT NULL AND NOT EXISTS (SELECT 1 FROM chats WHERE room = new.room AND seq = new.seq) BEGIN
    SELECT RAISE(IGNORE);
END;

CREATE TRIGGER join_recorded AFTER INSERT ON chats WHEN new.event = 'join' BEGIN
    INSERT OR IGNORE INTO grants (room, visitor_id) VALUES (new.room, new.visitor_id);
    INSERT OR IGNORE INTO members (room, visitor_id, since) VALUES (new.room, new.visitor_id, new.seq);
    DELETE FROM lingering WHERE room = new.room AND visitor_id = new.visitor_id;
END;

CREATE TRIGGER exit_recorded AFTER INSERT ON chats WHEN new.event = 'exit' BEGIN
    DELETE FROM members WHERE room = new.room AND visitor_id = new.visitor_id;
    INSERT OR IGNORE INTO lingering (room, visitor_id) SELECT new.room, new.visitor_id WHERE new.lingers;
END;

CREATE TRIGGER owner_recorded AFTER INSERT ON chats WHEN new.event = 'owner' BEGIN
    UPDATE rooms SET owner_id = new.visitor_id, owner = new.user WHERE key = new.room;
END;

CREATE TRIGGER kick_recorded AFTER INSERT ON chats WHEN new.event = 'kick' BEGIN
    DELETE FROM members WHERE room = new.room AND visitor_id = new.visitor_id;
    DELETE FROM grants WHERE room = new.room AND visitor_id = new.visitor_id;
    DELETE FROM lingering WHERE room = new.room AND visitor_id = new.visitor_id;
    INSERT OR IGNORE INTO bans (room, visitor_id, user) VALUES (new.room, new.visitor_id, new.user);
END;

CREATE TRIGGER ephemeral_record_dropped AFTER INSERT ON chats
WHEN new.event IS NOT NULL AND (SELECT ephemeral FROM rooms WHERE key = new.room) BEGIN
    UPDATE used_seq SET seq = max(seq, new.seq);
    DELETE FROM chats WHERE room = new.room AND seq = new.seq;
END;

CREATE TRIGGER image_recorded AFTER INSERT ON chats WHEN new.gif IS NOT NULL BEGIN
    UPDATE room_images SET last_seq = new.seq WHERE room = new.room AND image = new.gif;
    INSERT INTO sent_images (visitor_id, image, last_seq) VALUES (new.visitor_id, new.gif, new.seq)
        ON CONFLICT (visitor_id, image) DO UPDATE SET last_seq = new.seq;
END;

CREATE TRIGGER changed_record_deleted AFTER DELETE ON chats WHEN old.rev IS NOT NULL BEGIN
    UPDATE used_seq SET seq = max(seq, old.rev);
END;

CREATE TRIGGER image_taken_out AFTER UPDATE OF gif ON chats WHEN old.gif IS NOT NULL AND new.gif IS NULL BEGIN
    UPDATE room_images SET uses = uses - 1 WHERE room = old.room AND image = old.gif;
END;

CREATE TRIGGER image_record_deleted AFTER DELETE ON chats WHEN old.gif IS NOT NULL BEGIN
    UPDATE room_images SET uses = uses - 1 WHERE room = old.room AND image = old.gif;
END
"""

# Names. The table is rebuilt for its CHECK, as in _CHANGES.
_NAMES = """
ALTER TABLE visitors ADD COLUMN name TEXT CHECK (length(name) BETWEEN 1 AND 20);

CREATE TABLE chats_now (
    seq        INTEGER NOT NULL,
    room       INTEGER NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
    visitor_id INTEGER NOT NULL,
    user       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    chat       TEXT CHECK (length(chat) BETWEEN 1 AND 2000),
    gif        TEXT,
    width      INTEGER,
    height     INTEGER,
    to_id      INTEGER,
    to_user    TEXT,
    event      TEXT CHECK (event IN ('join', 'exit', 'owner', 'kick', 'name')),
    members    INTEGER,
    nonce      TEXT CHECK (length(nonce) BETWEEN 1 AND 64),
    moving     INTEGER CHECK (moving = 1),
    lingers    INTEGER CHECK (lingers IS NULL OR (lingers = 1 AND event IS 'exit')),
    rev        INTEGER,
    re         INTEGER,
    changed    TEXT,
    name       TEXT CHECK (length(name) BETWEEN 1 AND 20),
    CHECK (chat IS NOT NULL OR gif IS NOT NULL OR changed IS NOT NULL),
    CHECK (changed IS NULL OR rev IS NOT NULL),
    CHECK ((gif IS NULL) = (width IS NULL) AND (gif IS NULL) = (height IS NULL)),
    CHECK ((to_id IS NULL) = (to_user IS NULL)),
    PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;

INSERT INTO chats_now SELECT seq, room, visitor_id, user, created_at, chat, gif, width, height, to_id, to_user, event,
    members, nonce, moving, lingers, rev, re, changed, NULL FROM chats;
DROP TABLE chats;
ALTER TABLE chats_now RENAME TO chats;

CREATE INDEX chats_by_rev ON chats (room, rev) WHERE rev IS NOT NULL;

CREATE INDEX chats_by_re ON chats (room, re) WHERE re IS NOT NULL;

CREATE INDEX chats_by_gif ON chats (gif) WHERE gif IS NOT NULL;

CREATE UNIQUE INDEX chats_by_nonce ON chats (room, visitor_id, nonce) WHERE nonce IS NOT NULL;

CREATE TRIGGER change_of_nothing BEFORE INSERT ON chats
WHEN new.rev IS NOT NULL AND NOT EXISTS (SELECT 1 FROM chats WHERE room = new.room AND seq = new.seq) BEGIN
    SELECT RAISE(IGNORE);
END;

CREATE TRIGGER join_recorded AFTER INSERT ON chats WHEN new.event = 'join' BEGIN
    INSERT OR IGNORE INTO grants (room, visitor_id) VALUES (new.room, new.visitor_id);
    INSERT OR IGNORE INTO members (room, visitor_id, since) VALUES (new.room, new.visitor_id, new.seq);
    DELETE FROM lingering WHERE room = new.room AND visitor_id = new.visitor_id;
END;

CREATE TRIGGER exit_recorded AFTER INSERT ON chats WHEN new.event = 'exit' BEGIN
    DELETE FROM members WHERE room = new.room AND visitor_id = new.visitor_id;
    INSERT OR IGNORE INTO lingering (room, visitor_id) SELECT new.room, new.visitor_id WHERE new.lingers;
END;

CREATE TRIGGER owner_recorded AFTER INSERT ON chats WHEN new.event = 'owner' BEGIN
    UPDATE rooms SET owner_id = new.visitor_id, owner = new.user WHERE key = new.room;
END;

CREATE TRIGGER kick_recorded AFTER INSERT ON chats WHEN new.event = 'kick' BEGIN
    DELETE FROM members WHERE room = new.room AND visitor_id = new.visitor_id;
    DELETE FROM grants WHERE room = new.room AND visitor_id = new.visitor_id;
    DELETE FROM lingering WHERE room = new.room AND visitor_id = new.visitor_id;
    INSERT OR IGNORE INTO bans (room, visitor_id, user) VALUES (new.room, new.visitor_id, new.user);
END;

CREATE TRIGGER ephemeral_record_dropped AFTER INSERT ON chats
WHEN new.event IS NOT NULL AND (SELECT ephemeral FROM rooms WHERE key = new.room) BEGIN
    UPDATE used_seq SET seq = max(seq, new.seq);
    DELETE FROM chats WHERE room = new.room AND seq = new.seq;
END;

CREATE TRIGGER image_recorded AFTER INSERT ON chats WHEN new.gif IS NOT NULL BEGIN
    UPDATE room_images SET last_seq = new.seq WHERE room = new.room AND image = new.gif;
    INSERT INTO sent_images (visitor_id, image, last_seq) VALUES (new.visitor_id, new.gif, new.seq)
        ON CONFLICT (visitor_id, image) DO UPDATE SET last_seq = new.seq;
END;

CREATE TRIGGER changed_record_deleted AFTER DELETE ON chats WHEN old.rev IS NOT NULL BEGIN
    UPDATE used_seq SET seq = max(seq, old.rev);
END;

CREATE TRIGGER image_taken_out AFTER UPDATE OF gif ON chats WHEN old.gif IS NOT NULL AND new.gif IS NULL BEGIN
    UPDATE room_images SET uses = uses - 1 WHERE room = old.room AND image = old.gif;
END;

CREATE TRIGGER image_record_deleted AFTER DELETE ON chats WHEN old.gif IS NOT NULL BEGIN
    UPDATE room_images SET uses = uses - 1 WHERE room = old.room AND image = old.gif;
END
"""

# MIGRATIONS[n] takes a database from version n to n + 1; schema.sql is always the newest version.
MIGRATIONS: Mapping[int, str] = {
    1: _SHARED_IMAGES,
    2: _LINGERING,
    3: _ONE_REFUSAL,
    4: _EPOCH,
    5: _CHANGES,
    6: _NAMES,
    7: DESK,
}
