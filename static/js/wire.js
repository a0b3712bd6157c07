/**
 * The shapes of what the server sends. Types only.
 *
 * @typedef {object} Room ROOM: what anybody may know about a room.
 * @property {string} _id
 * @property {string} title
 * @property {number} max
 * @property {string} owner a colour
 * @property {boolean} password whether it has one
 * @property {boolean} ephemeral
 * @property {boolean} kept it remains when it is empty
 * @property {boolean} [readOnly] a saved conversation, imported
 * @property {boolean} [frozen] nothing can be said there
 * @property {number} [slow] seconds from one message of a visitor to their next
 * @property {number} [position] among the prepared rooms
 * @property {number} members
 * @property {string} createdAt ISO 8601, UTC
 *
 * @typedef {object} ChatRecord RECORD: one line of a room.
 * @property {string} _id
 * @property {number} seq grows with every record of the server
 * @property {string} room
 * @property {string} user a colour, or "system"
 * @property {string} [name] what the sender, or the subject of a system record, was called then
 * @property {string} createdAt ISO 8601, UTC
 * @property {string} [chat]
 * @property {string} [gif] a bare name under /gif/
 * @property {number} [width] pixels
 * @property {number} [height] pixels
 * @property {string} [poster] a bare name under /gif/: the still frame of an image that moves
 * @property {true} [flashes] it must not play by itself
 * @property {string} [to] the recipient of a whisper
 * @property {"join" | "exit" | "owner" | "kick" | "name"} [event] of a system record
 * @property {string} [subject] the visitor a system record is about
 * @property {number} [members] present after a join or an exit
 * @property {"teacher"} [role] of the sender, or of the subject of a system record
 * @property {string} [nonce] on the sender's own copies
 * @property {number} [rev] of its last change, from the same counter as `seq`
 * @property {string} [editedAt] ISO 8601, UTC
 * @property {"sender" | "owner" | "teacher"} [deleted] by whom; then it has no text and no image
 * @property {Quote} [re] what it answers
 * @property {Record<string, Reaction>} [reactions] by emoji
 * @property {string[]} [mine] the reader's own emoji; absent when this copy does not say
 *
 * @typedef {object} Quote what a reply shows of the message it answers.
 * @property {string} _id
 * @property {number} seq
 * @property {string} user a colour, or "system"
 * @property {string} [name] what the sender was called then
 * @property {string} [chat] its first 140 characters
 * @property {string} [gif] a bare name under /gif/
 * @property {"sender" | "owner" | "teacher"} [deleted]
 *
 * @typedef {object} Reaction
 * @property {number} count
 * @property {string[]} users the first 50 who gave it
 *
 * @typedef {object} Problem a refusal, by HTTP or in an acknowledgement.
 * @property {string} error a stable code
 * @property {string} message for people, in Korean
 * @property {number} [retry_after] seconds
 * @property {string} [field] of the room form that is invalid
 * @property {string} [reason] why an image is refused, more precise than `error`
 * @property {number} [limit] the limit that was exceeded, in the unit of `reason`
 *
 * @typedef {object} JoinAnswer
 * @property {true} ok
 * @property {Room} room
 * @property {string} user the visitor's own colour
 * @property {string[]} members colours
 * @property {Record<string, string>} names of those members who have one here
 * @property {number} seq covers everything stored up to it
 * @property {ChatRecord[]} missed oldest first
 * @property {boolean} more
 * @property {string} epoch within which `seq` values are comparable
 * @property {House} [house] absent if all is allowed
 * @property {Held[]} [held] what the reader has said and the teacher must see first, oldest first
 * @property {Record<string, "teacher">} [roles] of those members who have one
 *
 * @typedef {object} House what the teacher allows.
 * @property {boolean} whispers
 * @property {boolean} private rooms with a password
 * @property {boolean} rooms rooms of pupils
 * @property {boolean} names
 *
 * @typedef {object} RoomPage a room as its page is first drawn.
 * @property {ChatRecord[]} chats the latest, oldest first
 * @property {boolean} more whether there are earlier records
 * @property {number} seq covers everything stored up to it
 * @property {string} epoch within which `seq` values are comparable
 *
 * @typedef {object} ChangeAnswer
 * @property {true} ok
 * @property {number} rev
 *
 * @typedef {object} SentAnswer
 * @property {true} ok
 * @property {true} [held] the teacher must see it first; then it has neither of the others
 * @property {string} _id
 * @property {number} seq
 *
 * @typedef {object} Held a message that only its sender sees, until the teacher shows it.
 * @property {string} held its id
 * @property {string} room
 * @property {string} user
 * @property {string} createdAt ISO 8601, UTC
 * @property {string} [nonce]
 * @property {string} [chat]
 * @property {string} [gif]
 * @property {string} [poster]
 * @property {number} [width] pixels
 * @property {number} [height] pixels
 * @property {Quote} [re]
 *
 * @typedef {object} Found what a search found in the records it examined.
 * @property {ChatRecord[]} chats oldest first
 * @property {boolean} more whether there are earlier records
 * @property {number} [next] the `before` to continue with, while there is more
 *
 * @typedef {Room & DeskFacts} DeskRoom DESKROOM: a room as the teacher's desk sees it.
 *
 * @typedef {object} DeskFacts
 * @property {boolean} [approve] what is said there is held until the teacher shows it
 * @property {number} rate messages in the last minute
 * @property {string[]} hands raised, in their order
 * @property {number} held how many messages wait to be shown
 * @property {DeskPerson[]} people
 * @property {ChatRecord[]} last at most 5, oldest first; none of a room with a password
 *
 * @typedef {object} DeskPerson
 * @property {string} user a colour
 * @property {string} [name]
 * @property {string} [seat] the label of their card
 * @property {boolean} present
 * @property {boolean} [muted]
 * @property {"teacher"} [role]
 *
 * @typedef {object} DeskSettings
 * @property {{whispers: boolean, private: boolean, rooms: boolean, names: boolean, cards: boolean}} switches
 * @property {boolean} frozen all rooms, and those to come
 * @property {number} words how many are on the list
 * @property {number} people expected behind one address; 0 if that is not limited
 * @property {{user: string, name?: string, seat?: string}[]} bans
 * @property {{user: string, name?: string, seat?: string, room: string | null, until: string}[]} mutes
 *
 * @typedef {{ok: false} & Problem} Refused
 */

export {};
