/**
 * The shapes of what the server sends, as types only.
 *
 * @typedef {object} Room ROOM: what anybody may know of a room.
 * @property {string} _id
 * @property {string} title
 * @property {number} max
 * @property {string} owner a colour
 * @property {boolean} password whether it has one
 * @property {boolean} ephemeral
 * @property {boolean} kept it stays when it is empty
 * @property {number} members
 * @property {string} createdAt ISO 8601, UTC
 *
 * @typedef {object} ChatRecord RECORD: one line of a room.
 * @property {string} _id
 * @property {number} seq grows with every record of the server
 * @property {string} room
 * @property {string} user a colour, or "system"
 * @property {string} createdAt ISO 8601, UTC
 * @property {string} [chat]
 * @property {string} [gif] a bare name under /gif/
 * @property {number} [width] pixels
 * @property {number} [height] pixels
 * @property {string} [poster] a bare name under /gif/: the still frame of an image that moves
 * @property {string} [to] the one a whisper is for
 * @property {"join" | "exit" | "owner" | "kick"} [event] of a system record
 * @property {string} [subject] whom a system record is about
 * @property {number} [members] present after a join or an exit
 * @property {string} [nonce] on the sender's own copies
 * @property {number} [rev] its last change, from the same counter as `seq`
 * @property {string} [editedAt] ISO 8601, UTC
 * @property {"sender" | "owner" | "teacher"} [deleted] by whom; then it has no text and no image
 * @property {Quote} [re] what it answers
 * @property {Record<string, Reaction>} [reactions] by emoji
 * @property {string[]} [mine] the emoji that its reader has given; absent when this state does not tell
 *
 * @typedef {object} Quote what a reply shows of what it answers.
 * @property {string} _id
 * @property {number} seq
 * @property {string} user a colour, or "system"
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
 * @property {string} [field] what of a room's form is wrong
 * @property {string} [reason] why an image is refused, more exactly than the code says
 * @property {number} [limit] what the reason speaks of, in its unit
 *
 * @typedef {object} JoinAnswer
 * @property {true} ok
 * @property {Room} room
 * @property {string} user one's own colour
 * @property {string[]} members colours
 * @property {number} seq covers all that is stored up to it
 * @property {ChatRecord[]} missed oldest first
 * @property {boolean} more
 * @property {string} epoch what a `seq` holds for
 *
 * @typedef {object} RoomPage a room as the server shows it.
 * @property {ChatRecord[]} chats the latest, oldest first
 * @property {boolean} more whether there are records before those
 * @property {number} seq covers all that is stored up to it
 * @property {string} epoch what a `seq` holds for
 *
 * @typedef {object} ChangeAnswer
 * @property {true} ok
 * @property {number} rev
 *
 * @typedef {object} SentAnswer
 * @property {true} ok
 * @property {string} _id
 * @property {number} seq
 *
 * @typedef {object} Found what a search found in the records it looked at.
 * @property {ChatRecord[]} chats oldest first
 * @property {boolean} more whether there are records before those
 * @property {number} [next] the `before` to go on with, while there is more
 *
 * @typedef {{ok: false} & Problem} Refused
 */

export {};
