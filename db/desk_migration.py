"""The script that adds the tables of the teacher's desk. See db.migrations."""

DESK = """
ALTER TABLE rooms ADD COLUMN frozen INTEGER NOT NULL DEFAULT 0 CHECK (frozen IN (0, 1));
ALTER TABLE rooms ADD COLUMN slow_s INTEGER NOT NULL DEFAULT 0 CHECK (slow_s BETWEEN 0 AND 300);
ALTER TABLE rooms ADD COLUMN approve INTEGER NOT NULL DEFAULT 0 CHECK (approve IN (0, 1));
ALTER TABLE rooms ADD COLUMN position INTEGER;
ALTER TABLE rooms ADD COLUMN read_only INTEGER NOT NULL DEFAULT 0 CHECK (read_only IN (0, 1));
ALTER TABLE chats ADD COLUMN role TEXT CHECK (role = 'teacher');
ALTER TABLE members ADD COLUMN role TEXT CHECK (role = 'teacher');
ALTER TABLE images ADD COLUMN flashes INTEGER CHECK (flashes IN (0, 1));
ALTER TABLE chats ADD COLUMN flashes INTEGER CHECK (flashes = 1);
UPDATE chats SET flashes = 1 WHERE moving;  -- until they are looked at

DROP VIEW shown;
CREATE VIEW shown AS
    SELECT room, name, sha256, size_bytes, width, height, moving, flashes FROM room_images JOIN images ON name = image;

CREATE TRIGGER image_shown INSTEAD OF INSERT ON shown BEGIN
    INSERT INTO images (name, sha256, size_bytes, width, height, moving, flashes)
        SELECT new.name, new.sha256, new.size_bytes, new.width, new.height, new.moving, new.flashes
        WHERE new.sha256 IS NOT NULL
        ON CONFLICT (sha256) DO NOTHING;
    INSERT INTO room_images (room, image, uses)
        SELECT new.room, coalesce((SELECT name FROM images WHERE sha256 = new.sha256), new.name), 1 WHERE true
        ON CONFLICT (room, image) DO UPDATE SET uses = uses + 1;
END;

DROP TRIGGER ephemeral_record_dropped;

CREATE TRIGGER line_dropped AFTER INSERT ON chats
WHEN new.event IS NOT NULL AND (SELECT ephemeral OR read_only FROM rooms WHERE key = new.room) BEGIN
    UPDATE used_seq SET seq = max(seq, new.seq);
    DELETE FROM chats WHERE room = new.room AND seq = new.seq;
END;

CREATE TABLE desk_settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE seats (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    position   INTEGER NOT NULL UNIQUE,
    label      TEXT    NOT NULL UNIQUE,
    word       TEXT    NOT NULL UNIQUE,
    visitor_id INTEGER UNIQUE
) STRICT;

CREATE TRIGGER seat_taken BEFORE UPDATE OF visitor_id ON seats WHEN new.visitor_id IS NOT NULL BEGIN
    UPDATE seats SET visitor_id = NULL WHERE visitor_id = new.visitor_id AND number <> new.number;
END;

CREATE VIEW seat_list AS SELECT NULL AS seats;

CREATE TRIGGER seats_arranged INSTEAD OF INSERT ON seat_list BEGIN
    DELETE FROM seats;
    INSERT INTO seats (number, position, label, word, visitor_id)
        SELECT value ->> 0, key, value ->> 1, value ->> 2, value ->> 3 FROM json_each(new.seats) ORDER BY key;
END;

CREATE TABLE mutes (
    visitor_id INTEGER,
    seat       INTEGER,
    room       INTEGER REFERENCES rooms (key) ON DELETE CASCADE,
    until      INTEGER NOT NULL,
    CHECK ((visitor_id IS NULL) <> (seat IS NULL))
) STRICT;

CREATE UNIQUE INDEX mutes_by_subject ON mutes (coalesce(visitor_id, 0), coalesce(seat, 0), coalesce(room, 0));
CREATE INDEX mutes_by_room ON mutes (room) WHERE room IS NOT NULL;

CREATE TABLE desk_bans (
    visitor_id INTEGER,
    seat       INTEGER,
    user       TEXT NOT NULL,
    CHECK ((visitor_id IS NULL) <> (seat IS NULL))
) STRICT;

CREATE UNIQUE INDEX desk_bans_by_subject ON desk_bans (coalesce(visitor_id, 0), coalesce(seat, 0));

CREATE TABLE held (
    id         TEXT    PRIMARY KEY,
    room       INTEGER NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
    visitor_id INTEGER NOT NULL,
    user       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    chat       TEXT CHECK (length(chat) BETWEEN 1 AND 2000),
    gif        TEXT,
    width      INTEGER,
    height     INTEGER,
    moving     INTEGER CHECK (moving = 1),
    flashes    INTEGER CHECK (flashes = 1),
    re         INTEGER,
    nonce      TEXT CHECK (length(nonce) BETWEEN 1 AND 64),
    why        TEXT    NOT NULL CHECK (why IN ('approve', 'word')),
    word       TEXT,
    CHECK (chat IS NOT NULL OR gif IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX held_by_room ON held (room);
CREATE UNIQUE INDEX held_by_nonce ON held (room, visitor_id, nonce) WHERE nonce IS NOT NULL;

CREATE TRIGGER held_shown AFTER INSERT ON chats WHEN new.nonce IS NOT NULL
AND EXISTS (SELECT 1 FROM held WHERE room = new.room AND visitor_id = new.visitor_id AND nonce = new.nonce) BEGIN
    UPDATE room_images SET uses = uses + 1 WHERE room = new.room AND image =
        (SELECT gif FROM held WHERE room = new.room AND visitor_id = new.visitor_id AND nonce = new.nonce);
    DELETE FROM held WHERE room = new.room AND visitor_id = new.visitor_id AND nonce = new.nonce;
END;

CREATE TRIGGER held_image_unused AFTER DELETE ON held WHEN old.gif IS NOT NULL BEGIN
    UPDATE room_images SET uses = uses - 1 WHERE room = old.room AND image = old.gif;
END;

CREATE TABLE desk_log (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, entry TEXT NOT NULL) STRICT;

CREATE TRIGGER desk_logged AFTER INSERT ON desk_log BEGIN
    DELETE FROM desk_log WHERE id <= new.id - 10000;
END;

CREATE TRIGGER image_looked_at AFTER UPDATE OF flashes ON images BEGIN
    UPDATE chats SET flashes = nullif(new.flashes, 0) WHERE gif = new.name;
    UPDATE held SET flashes = nullif(new.flashes, 0) WHERE gif = new.name;
END;

CREATE TRIGGER all_frozen AFTER INSERT ON desk_settings WHEN new.key = 'frozen' BEGIN
    UPDATE rooms SET frozen = new.value = 'true';
END;

CREATE TRIGGER room_made_frozen AFTER INSERT ON rooms
WHEN EXISTS (SELECT 1 FROM desk_settings WHERE key = 'frozen' AND value = 'true') BEGIN
    UPDATE rooms SET frozen = 1 WHERE key = new.key;
END;

CREATE TRIGGER visitor_forgotten_at_desk AFTER DELETE ON visitors BEGIN
    UPDATE seats SET visitor_id = NULL WHERE visitor_id = old.id;
    DELETE FROM mutes WHERE visitor_id = old.id;
END;

DROP TRIGGER join_recorded;

CREATE TRIGGER join_recorded AFTER INSERT ON chats WHEN new.event = 'join' BEGIN
    INSERT OR IGNORE INTO grants (room, visitor_id) SELECT new.room, new.visitor_id WHERE new.role IS NULL;
    INSERT OR IGNORE INTO members (room, visitor_id, since, role)
        VALUES (new.room, new.visitor_id, new.seq, new.role);
    DELETE FROM lingering WHERE room = new.room AND visitor_id = new.visitor_id;
END
"""
