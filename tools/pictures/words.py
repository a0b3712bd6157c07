"""What is said in the pictures."""

from typing import NamedTuple


class Words(NamedTuple):
    """The texts of one language."""

    locale: str
    room: str
    rooms: tuple[str, str, str]
    order: str
    caption: str
    whisper: str
    back: str


WORDS = {
    "en": Words(
        locale="en-US",
        room="Room 2-3",
        rooms=("Robotics club", "What's for lunch?", "Photo walk"),
        order="Who presents first today?",
        caption="Us? Already?!",
        whisper="Ice cream afterwards?",
        back="Always.",
    ),
    "ko": Words(
        locale="ko-KR",
        room="2학년 3반",
        rooms=("로봇 동아리", "오늘 급식 뭐예요?", "사진 산책"),
        order="오늘 발표 누가 먼저예요?",
        caption="우리 조? 벌써요?!",
        whisper="끝나고 떡볶이 먹을래요?",
        back="당연하죠.",
    ),
}
