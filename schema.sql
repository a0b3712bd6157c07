-- The one schema of gifchat.db. Times are milliseconds since the epoch, UTC.
-- Every write is one statement, and so one transaction; triggers and cascades make the changes that must go with it.

CREATE TABLE visitors (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: records keep the ids of forgotten visitors
    session TEXT    NOT NULL UNIQUE,            -- the SHA-256 of the random value in the signed cookie
    user    TEXT    NOT NULL UNIQUE CHECK (user GLOB '#[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
    seen_at INTEGER NOT NULL,
    name    TEXT CHECK (length(name) BETWEEN 1 AND 20)  -- which they gave themselves
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
    image_bytes   INTEGER NOT NULL DEFAULT 0, -- the size of its images, each counted in full
    kept          INTEGER NOT NULL DEFAULT 0 CHECK (kept IN (0, 1)), -- stays when it is empty
    frozen        INTEGER NOT NULL DEFAULT 0 CHECK (frozen IN (0, 1)),          -- by the teacher's desk, as what follows
    slow_s        INTEGER NOT NULL DEFAULT 0 CHECK (slow_s BETWEEN 0 AND 300),  -- each visitor one message in that time
    approve       INTEGER NOT NULL DEFAULT 0 CHECK (approve IN (0, 1)),         -- what is said is held first
    position      INTEGER,                                                      -- among the prepared rooms
    read_only     INTEGER NOT NULL DEFAULT 0 CHECK (read_only IN (0, 1))        -- it was imported
) STRICT;

-- Visitors who passed a room's checks and may post and read there.
CREATE TABLE grants (
    room       INTEGER NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
    visitor_id INTEGER NOT NULL,
    PRIMARY KEY (room, visitor_id)
) STRICT, WITHOUT ROWID;

-- The places in a room; `since` is the seq of the join record, so the lowest has been there longest.
CREATE TABLE members (
    room       INTEGER NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
    visitor_id INTEGER NOT NULL,
    since      INTEGER NOT NULL,
    role       TEXT CHECK (role = 'teacher'),  -- who is in the room beside its places
    PRIMARY KEY (room, visitor_id)
) STRICT, WITHOUT ROWID;

-- Visitors who lost the connection, or left to come back: the room waits for them.
CREATE TABLE lingering (
    room       INTEGER NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
    visitor_id INTEGER NOT NULL,
    PRIMARY KEY (room, visitor_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE bans (
    room       INTEGER NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
    visitor_id INTEGER NOT NULL,
    user       TEXT    NOT NULL,
    PRIMARY KEY (room, visitor_id)
) STRICT, WITHOUT ROWID;

-- One row per image in uploads/, in however many rooms it is. Files without a row are deleted when the server starts.
CREATE TABLE images (
    name       TEXT    PRIMARY KEY,
    sha256     BLOB    UNIQUE CHECK (length(sha256) = 32),  -- NULL if unknown: never deduplicated
    size_bytes INTEGER NOT NULL CHECK (size_bytes > 0),     -- including its poster
    width      INTEGER,
    height     INTEGER,
    moving     INTEGER CHECK (moving = 1),                  -- it has a poster
    flashes    INTEGER CHECK (flashes IN (0, 1)),           -- 1: must not play by itself; NULL: not looked at yet
    CHECK (sha256 IS NULL OR (width IS NOT NULL AND height IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- The rooms an image is in. `uses` counts its records there, including those about to be written; in an ephemeral room,
-- how often it was shown. The row is deleted with the last use, and the image with its last row.
CREATE TABLE room_images (
    room     INTEGER NOT NULL REFERENCES rooms (key) ON DELETE CASCADE,
    image    TEXT    NOT NULL REFERENCES images (name),
    uses     INTEGER NOT NULL,
    last_seq INTEGER,  -- of its latest record
    PRIMARY KEY (room, image)
) STRICT, WITHOUT ROWID;

CREATE INDEX room_images_by_image ON room_images (image);
CREATE INDEX room_images_by_seq ON room_images (room, last_seq);

-- The images each visitor has sent, as long as they exist.
CREATE TABLE sent_images (
    visitor_id INTEGER NOT NULL,
    image      TEXT    NOT NULL REFERENCES images (name) ON DELETE CASCADE,
    last_seq   INTEGER NOT NULL,
    PRIMARY KEY (visitor_id, image)
) STRICT, WITHOUT ROWID;

CREATE INDEX sent_images_by_image ON sent_images (image);
CREATE INDEX sent_images_by_seq ON sent_images (visitor_id, last_seq);

-- Images whose row is gone and whose files are still to be deleted. That can wait, because names are never reused.
CREATE TABLE removed_images (name TEXT PRIMARY KEY, moving INTEGER) STRICT, WITHOUT ROWID;

-- The size of all images together (that of a room's images is in `rooms`), and its limit.
CREATE TABLE image_space (bytes INTEGER NOT NULL, quota_bytes INTEGER NOT NULL) STRICT;
INSERT INTO image_space VALUES (0, 0);

-- The records of all rooms. A system record has an `event`; its `visitor_id` and `user` are those of its subject. Each
-- change of a record overwrites its whole state, with a `rev` from the same counter as `seq`.
-- Rows are clustered in reading order, so storing a message writes one page, and a page of history reads few.
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
    event      TEXT CHECK (event IN ('join', 'exit', 'owner', 'kick', 'name')),
    members    INTEGER,
    nonce      TEXT CHECK (length(nonce) BETWEEN 1 AND 64),
    moving     INTEGER CHECK (moving = 1),
    lingers    INTEGER CHECK (lingers IS NULL OR (lingers = 1 AND event IS 'exit')),  -- the room waits for its subject
    rev        INTEGER,           -- of its last change
    re         INTEGER,           -- the seq of the quoted record, in the same room
    changed    TEXT,              -- the fields that only changes set, as JSON
    name       TEXT CHECK (length(name) BETWEEN 1 AND 20),  -- what the room called the visitor then
    role       TEXT CHECK (role = 'teacher'),               -- of who said it
    flashes    INTEGER CHECK (flashes = 1),                 -- as far as known, the image must not play by itself
    CHECK (chat IS NOT NULL OR gif IS NOT NULL OR changed IS NOT NULL),
    CHECK (changed IS NULL OR rev IS NOT NULL),
    CHECK ((gif IS NULL) = (width IS NULL) AND (gif IS NULL) = (height IS NULL)),
    CHECK ((to_id IS NULL) = (to_user IS NULL)),
    PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;

-- No seq up to this one is reused: it covers deleted records, and those of ephemeral rooms, which are not stored.
CREATE TABLE used_seq (seq INTEGER NOT NULL) STRICT;
INSERT INTO used_seq VALUES (0);

-- The epoch in which a seq is valid, and a mark by which an older copy of this file is detected: db/epoch.py.
CREATE TABLE epoch (word TEXT NOT NULL, mark TEXT NOT NULL) STRICT;
INSERT INTO epoch VALUES (lower(hex(randomblob(8))), '');
-- Records changed after some point, and replies to a record.
CREATE INDEX chats_by_rev ON chats (room, rev) WHERE rev IS NOT NULL;
CREATE INDEX chats_by_re ON chats (room, re) WHERE re IS NOT NULL;

CREATE INDEX chats_by_gif ON chats (gif) WHERE gif IS NOT NULL;

-- A repeated nonce is a repeated message.
CREATE UNIQUE INDEX chats_by_nonce ON chats (room, visitor_id, nonce) WHERE nonce IS NOT NULL;

-- A change is written by the statement that writes new records, so that both are in one order; if the record has been
-- deleted, nothing is written.
CREATE TRIGGER change_of_nothing BEFORE INSERT ON chats
WHEN new.rev IS NOT NULL AND NOT EXISTS (SELECT 1 FROM chats WHERE room = new.room AND seq = new.seq) BEGIN
    SELECT RAISE(IGNORE);
END;

CREATE TRIGGER room_made AFTER INSERT ON rooms BEGIN
    INSERT INTO grants (room, visitor_id) VALUES (new.key, new.owner_id);
END;

-- A system record and its effect are stored together. (OR IGNORE: the subject may be admitted, or kicked, already.)
CREATE TRIGGER join_recorded AFTER INSERT ON chats WHEN new.event = 'join' BEGIN
    INSERT OR IGNORE INTO grants (room, visitor_id) SELECT new.room, new.visitor_id WHERE new.role IS NULL;
    INSERT OR IGNORE INTO members (room, visitor_id, since, role)
        VALUES (new.room, new.visitor_id, new.seq, new.role);
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

-- A system record of an ephemeral or an imported room is deleted in the same statement: only its effect is stored. SQLite
-- does not define which trigger of an event fires first; this one only changes tables that the others do not read.
CREATE TRIGGER line_dropped AFTER INSERT ON chats
WHEN new.event IS NOT NULL AND (SELECT ephemeral OR read_only FROM rooms WHERE key = new.room) BEGIN
    UPDATE used_seq SET seq = max(seq, new.seq);
    DELETE FROM chats WHERE room = new.room AND seq = new.seq;
END;

-- Showing an image in a room is one INSERT into this view: of a `name` in `images`, or of all columns of a new image,
-- which is replaced by a stored one with the same content, if any. The triggers abort only when the quota is exceeded,
-- which is how db/connection.py recognises that error.
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

CREATE TRIGGER image_added AFTER INSERT ON images BEGIN
    UPDATE image_space SET bytes = bytes + new.size_bytes;
    SELECT RAISE(ABORT, 'quota') FROM image_space WHERE bytes > quota_bytes;
END;

CREATE TRIGGER image_looked_at AFTER UPDATE OF flashes ON images BEGIN
    UPDATE chats SET flashes = nullif(new.flashes, 0) WHERE gif = new.name;
    UPDATE held SET flashes = nullif(new.flashes, 0) WHERE gif = new.name;
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

-- The number of a change is never reused either.
CREATE TRIGGER changed_record_deleted AFTER DELETE ON chats WHEN old.rev IS NOT NULL BEGIN
    UPDATE used_seq SET seq = max(seq, old.rev);
END;

CREATE TRIGGER image_taken_out AFTER UPDATE OF gif ON chats WHEN old.gif IS NOT NULL AND new.gif IS NULL BEGIN
    UPDATE room_images SET uses = uses - 1 WHERE room = old.room AND image = old.gif;
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

-- The teacher's desk (docs/protocol.md). Who is muted or banned is a seat if they have one, else a visitor.
-- Its settings, as JSON: `frozen` is true if new rooms begin frozen.
CREATE TABLE desk_settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- A card that binds a visitor to a seat, at most one visitor and one seat at a time.
CREATE TABLE seats (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: mutes and bans are its
    position   INTEGER NOT NULL UNIQUE,            -- on the sheet
    label      TEXT    NOT NULL UNIQUE,
    word       TEXT    NOT NULL UNIQUE,            -- random; the code on the card is its signature
    visitor_id INTEGER UNIQUE
) STRICT;

CREATE TRIGGER seat_taken BEFORE UPDATE OF visitor_id ON seats WHEN new.visitor_id IS NOT NULL BEGIN
    UPDATE seats SET visitor_id = NULL WHERE visitor_id = new.visitor_id AND number <> new.number;
END;

-- All seats are replaced by one INSERT into this view, of a JSON array of (number, label, word, visitor).
CREATE VIEW seat_list AS SELECT NULL AS seats;

CREATE TRIGGER seats_arranged INSTEAD OF INSERT ON seat_list BEGIN
    DELETE FROM seats;
    INSERT INTO seats (number, position, label, word, visitor_id)
        SELECT value ->> 0, key, value ->> 1, value ->> 2, value ->> 3 FROM json_each(new.seats) ORDER BY key;
END;

CREATE TABLE mutes (
    visitor_id INTEGER,
    seat       INTEGER,
    room       INTEGER REFERENCES rooms (key) ON DELETE CASCADE,  -- NULL: in all
    until      INTEGER NOT NULL,
    CHECK ((visitor_id IS NULL) <> (seat IS NULL))
) STRICT;

CREATE UNIQUE INDEX mutes_by_subject ON mutes (coalesce(visitor_id, 0), coalesce(seat, 0), coalesce(room, 0));
CREATE INDEX mutes_by_room ON mutes (room) WHERE room IS NOT NULL;

-- Who is kept out of all rooms; `bans` has who was kicked from one.
CREATE TABLE desk_bans (
    visitor_id INTEGER,
    seat       INTEGER,
    user       TEXT NOT NULL,  -- who it was
    CHECK ((visitor_id IS NULL) <> (seat IS NULL))
) STRICT;

CREATE UNIQUE INDEX desk_bans_by_subject ON desk_bans (coalesce(visitor_id, 0), coalesce(seat, 0));

-- What waits for the teacher's decision before it is said.
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

-- A record with the nonce of something held is that: it takes over the use of the image. (One that is dropped ends it.)
CREATE TRIGGER held_shown AFTER INSERT ON chats WHEN new.nonce IS NOT NULL
AND EXISTS (SELECT 1 FROM held WHERE room = new.room AND visitor_id = new.visitor_id AND nonce = new.nonce) BEGIN
    UPDATE room_images SET uses = uses + 1 WHERE room = new.room AND image =
        (SELECT gif FROM held WHERE room = new.room AND visitor_id = new.visitor_id AND nonce = new.nonce);
    DELETE FROM held WHERE room = new.room AND visitor_id = new.visitor_id AND nonce = new.nonce;
END;

CREATE TRIGGER held_image_unused AFTER DELETE ON held WHEN old.gif IS NOT NULL BEGIN
    UPDATE room_images SET uses = uses - 1 WHERE room = old.room AND image = old.gif;
END;

-- What the desk did, never what pupils said: the last 10,000 entries.
CREATE TABLE desk_log (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, entry TEXT NOT NULL) STRICT;

CREATE TRIGGER desk_logged AFTER INSERT ON desk_log BEGIN
    DELETE FROM desk_log WHERE id <= new.id - 10000;
END;

-- Freezing all sets every room's own flag.
CREATE TRIGGER all_frozen AFTER INSERT ON desk_settings WHEN new.key = 'frozen' BEGIN
    UPDATE rooms SET frozen = new.value = 'true';
END;

-- A room that is made while all are frozen begins so.
CREATE TRIGGER room_made_frozen AFTER INSERT ON rooms
WHEN EXISTS (SELECT 1 FROM desk_settings WHERE key = 'frozen' AND value = 'true') BEGIN
    UPDATE rooms SET frozen = 1 WHERE key = new.key;
END;

CREATE TRIGGER visitor_forgotten_at_desk AFTER DELETE ON visitors BEGIN
    UPDATE seats SET visitor_id = NULL WHERE visitor_id = old.id;
    DELETE FROM mutes WHERE visitor_id = old.id;
END;
