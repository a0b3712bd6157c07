"""Everything gifchat raises on purpose.

    GifchatError
     ├── DomainError              a visitor's request is refused; it has a code and a text
     │    ├── BadRequest          bad_request       an invalid argument or body
     │    ├── InvalidRoom         invalid_room      a room's title, max or password is out of range (`field`)
     │    ├── EmptyChat           empty_chat
     │    ├── ChatTooLong         chat_too_long
     │    ├── TooLarge            too_large         a body over its limit
     │    ├── NoFile              no_file
     │    ├── GifTooLarge         gif_too_large     bytes or pixels
     │    ├── NotAGif             not_a_gif         not one of the accepted images
     │    ├── NoSuchRoom          no_such_room
     │    ├── NotFound            not_found
     │    ├── WrongPassword       wrong_password
     │    ├── RoomFull            room_full
     │    ├── TooManyRooms        too_many_rooms
     │    ├── TooManyKept         too_many_kept     kept rooms of one visitor
     │    ├── OtherEpoch          other_epoch       a position in another epoch of the database
     │    ├── TooManyReactions    too_many_reactions  different ones on a record
     │    ├── TooManyLessons      too_many_lessons  connections of the lessons
     │    ├── NotAdmitted         not_admitted
     │    ├── NotHere             not_here
     │    ├── NotOwner            not_owner
     │    ├── NotYours            not_yours         somebody else's record
     │    ├── TooLate             too_late          for an edit
     │    ├── Kicked              kicked
     │    ├── NotAllowed          not_allowed       turned off at the desk, or done to the teacher
     │    ├── Frozen              frozen            everybody listens
     │    ├── Muted               muted             at the desk (`retry_after`, seconds)
     │    ├── Banned              banned            from all rooms, at the desk
     │    ├── SeatNeeded          seat_needed       one enters only with a seat card
     │    ├── Held                held              an edit that the teacher would have to see first
     │    ├── Forbidden           forbidden         a cross-site or otherwise refused request
     │    ├── WrongToken          wrong_token       of the teacher's desk
     │    ├── NotTeacher          not_teacher
     │    ├── WrongHost           wrong_host        a host name that this server does not answer to
     │    ├── TooFast             too_fast          (`retry_after`, seconds)
     │    ├── Storage             storage           the disk or the database failed, or the image quota is exceeded
     │    └── Internal            internal          a bug, reported without details
     ├── ProtocolError            a peer violated Engine.IO or Socket.IO; only its connection is closed
     │    ├── FrameError          … WebSocket (realtime.engineio.framing)
     │    └── RequestRefused      an Engine.IO request that opens or continues no session (realtime.engineio.server)
     ├── ConnectionRefused        a namespace's middleware rejected a socket (CONNECT_ERROR)
     ├── AckTimeout               a peer did not acknowledge in time (realtime.hub)
     ├── Disconnected             a socket disconnected before it acknowledged (realtime.hub)
     └── StartError               the server cannot start; one line for the person who started it

A domain error is independent of HTTP and Socket.IO: `handlers.statuses` maps its class to a status,
`realtime.chat.events` its body to an ack. Its text goes over the wire and is always Korean, as in the course; pages
translate by `code`.
"""

from collections.abc import Mapping
from typing import ClassVar


class GifchatError(Exception):
    """The root: nothing outside this tree is raised on purpose."""


class DomainError(GifchatError):
    """A refusal reported to the visitor: a stable `code` and a text for people."""

    code: ClassVar[str]
    text: ClassVar[str]
    reasons: ClassVar[Mapping[str, str]] = {}  # a more exact text, by the detail's `reason`

    def __init__(self, **detail: str | float) -> None:
        """Keep `detail`, additional keys of the error's body (`field`, `reason`, …), which also fill in the text."""
        super().__init__(self.reasons.get(str(detail.get("reason")), self.text).format(**detail))
        self.detail = detail

    def body(self) -> dict[str, str | float]:
        """Return what goes over the wire: `{"error": CODE, "message": TEXT, …}`."""
        return {"error": self.code, "message": str(self), **self.detail}


class BadRequest(DomainError):
    code = "bad_request"
    text = "요청을 이해할 수 없습니다."


class InvalidRoom(DomainError):
    code = "invalid_room"
    text = "채팅방 정보가 올바르지 않습니다."


class EmptyChat(DomainError):
    code = "empty_chat"
    text = "메시지를 입력하세요."


class ChatTooLong(DomainError):
    code = "chat_too_long"
    text = "메시지가 너무 깁니다."


class TooLarge(DomainError):
    code = "too_large"
    text = "요청이 너무 큽니다."


class NoFile(DomainError):
    code = "no_file"
    text = "파일이 없습니다."


class GifTooLarge(DomainError):
    code = "gif_too_large"
    text = "이미지가 너무 큽니다."
    reasons: ClassVar[Mapping[str, str]] = {
        "bytes": "이미지가 너무 큽니다. {limit} MiB까지 보낼 수 있습니다.",
        "frame": "이미지가 너무 큽니다. 가로 × 세로가 {limit}메가픽셀까지인 이미지를 보낼 수 있습니다.",
        "all": "움직이는 이미지가 너무 큽니다. 모든 프레임을 합쳐 {limit}메가픽셀까지 보낼 수 있습니다.",
        "frames": "움직이는 이미지가 너무 깁니다. {limit}프레임까지 보낼 수 있습니다.",
        "time": "이미지가 너무 복잡합니다. {limit}초 안에 펼칠 수 있는 이미지를 보낼 수 있습니다.",
        "memory": "이미지가 너무 복잡합니다. 메모리 {limit} MiB 안에서 펼칠 수 있는 이미지를 보낼 수 있습니다.",
    }


class NotAGif(DomainError):
    code = "not_a_gif"
    text = "GIF, WebP, PNG, JPEG 이미지만 보낼 수 있습니다."
    reasons: ClassVar[Mapping[str, str]] = {
        "damaged": f"이미지가 손상되었거나 중간에 잘렸습니다. {text}",
        "heic": f"HEIC 사진(아이폰 등)은 보낼 수 없습니다. JPEG로 바꾸어 보내세요. {text}",
    }


class NoSuchRoom(DomainError):
    code = "no_such_room"
    text = "존재하지 않는 방입니다."


class NotFound(DomainError):
    code = "not_found"
    text = "찾을 수 없습니다."


class WrongPassword(DomainError):
    code = "wrong_password"
    text = "비밀번호가 틀렸습니다."


class RoomFull(DomainError):
    code = "room_full"
    text = "허용 인원이 초과하였습니다."


class TooManyRooms(DomainError):
    code = "too_many_rooms"
    text = "더 이상 채팅방을 만들 수 없습니다."
    reasons: ClassVar[Mapping[str, str]] = {
        "joined": "한 사람이 동시에 들어가 있을 수 있는 채팅방은 {limit}개까지입니다.",
    }


class TooManyKept(DomainError):
    code = "too_many_kept"
    text = "한 사람이 유지할 수 있는 채팅방은 5개까지입니다."


class OtherEpoch(DomainError):
    code = "other_epoch"
    text = "서버의 기록이 바뀌었습니다. 처음부터 다시 불러오세요."


class InvalidName(DomainError):
    code = "invalid_name"
    text = "이름은 눈에 보이는 글자로 1~20자여야 합니다."


class NameTaken(DomainError):
    code = "name_taken"
    text = "이미 쓰이고 있거나 쓸 수 없는 이름입니다."


class TooManyReactions(DomainError):
    code = "too_many_reactions"
    text = "한 메시지에 서로 다른 반응은 20개까지입니다."


class NotYours(DomainError):
    code = "not_yours"
    text = "자신이 보낸 메시지만 바꿀 수 있습니다."


class TooLate(DomainError):
    code = "too_late"
    text = "보낸 지 15분이 지난 메시지는 고칠 수 없습니다."


class TooManyLessons(DomainError):
    code = "too_many_lessons"
    text = "열려 있는 실습이 너무 많습니다. 몇 개를 닫고 다시 해 보세요."


class NotAdmitted(DomainError):
    code = "not_admitted"
    text = "먼저 채팅방에 입장하세요."


class NotHere(DomainError):
    code = "not_here"
    text = "상대가 채팅방에 없습니다."


class NotOwner(DomainError):
    code = "not_owner"
    text = "방장만 할 수 있습니다."


class Kicked(DomainError):
    code = "kicked"
    text = "이 방에서 강퇴되었습니다."


class NotAllowed(DomainError):
    code = "not_allowed"
    text = "선생님이 허용하지 않았습니다."
    reasons: ClassVar[Mapping[str, str]] = {
        "saved": "저장한 대화입니다. 읽을 수만 있습니다.",
        "unseen": "비밀번호 방의 대화는 그 방에 들어가 있는 동안에만 저장할 수 있습니다.",
    }


class Frozen(DomainError):
    code = "frozen"
    text = "지금은 모두 듣는 시간이라 보낼 수 없습니다."


class Muted(DomainError):
    code = "muted"
    text = "선생님이 잠시 말할 수 없게 하였습니다."


class Banned(DomainError):
    code = "banned"
    text = "선생님이 모든 채팅방에서 내보냈습니다."


class SeatNeeded(DomainError):
    code = "seat_needed"
    text = "먼저 자리 카드의 QR 코드를 찍으세요."


class Held(DomainError):
    code = "held"
    text = "이렇게는 고칠 수 없습니다. 선생님이 먼저 보아야 하는 내용입니다."


class Forbidden(DomainError):
    code = "forbidden"
    text = "허용되지 않는 요청입니다."


class WrongToken(DomainError):
    code = "wrong_token"
    text = "선생님 책상의 주소가 틀렸습니다. 서버를 시작할 때 나온 주소로 여세요."


class NotTeacher(DomainError):
    code = "not_teacher"
    text = "선생님만 할 수 있습니다. 서버를 시작할 때 나온 선생님 책상의 주소를 먼저 여세요."


class WrongHost(DomainError):
    code = "wrong_host"
    text = "이 서버의 주소가 아닙니다. 서버를 시작할 때 나온 주소로 여세요."


class TooFast(DomainError):
    code = "too_fast"
    text = "너무 빠릅니다. 잠시 후 다시 시도하세요."


class Storage(DomainError):
    code = "storage"
    text = "저장 공간에 문제가 있어 저장하지 못했습니다."
    reasons: ClassVar[Mapping[str, str]] = {
        "text": "글을 둘 공간이 가득 찼습니다. 오래된 글을 지우거나 새 방을 만드세요.",
        "quota": "이미지를 둘 공간이 가득 찼습니다. 글과 이 방에 이미 있는 이미지는 보낼 수 있습니다.",
    }


class Internal(DomainError):
    code = "internal"
    text = "서버에 문제가 생겼습니다."


class ProtocolError(GifchatError):
    """A peer violated the protocol: only its connection is closed."""


class ConnectionRefused(GifchatError):
    """A middleware refused a namespace; `message` and `data` go into the CONNECT_ERROR packet."""

    def __init__(self, message: str, data: object = None) -> None:
        super().__init__(message)
        self.message = message
        self.data = data


class StartError(GifchatError):
    """The server cannot start; the text is the one line printed on stderr."""
