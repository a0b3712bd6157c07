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
    groups: tuple[str, str, str, str]
    names: tuple[str, ...]
    talk: tuple[str, ...]
    draft: str
    rude: tuple[str, str]
    """A word, and a message with it."""


WORDS = {
    "en": Words(
        locale="en-US",
        room="Room 2-3",
        rooms=("Robotics club", "What's for lunch?", "Photo walk"),
        order="Who presents first today?",
        caption="Us? Already?!",
        whisper="Ice cream afterwards?",
        back="Always.",
        groups=("Group 1 · The sun", "Group 2 · Jupiter", "Group 3 · Volcanoes", "Questions"),
        names=("Mia", "Leo", "Ava", "Noah", "Zoe", "Sam"),
        talk=("It is 5,500 degrees hot", "On the surface!", "Jupiter has 95 moons", "I counted 97", "Who draws?"),
        draft="Our first draft: most volcanoes are where plates meet. Is that enough?",
        rude=("stupid", "You are stupid!"),
    ),
    "ko": Words(
        locale="ko-KR",
        room="2학년 3반",
        rooms=("로봇 동아리", "오늘 급식 뭐예요?", "사진 산책"),
        order="오늘 발표 누가 먼저예요?",
        caption="우리 조? 벌써요?!",
        whisper="끝나고 떡볶이 먹을래요?",
        back="당연하죠.",
        groups=("1모둠 · 태양", "2모둠 · 목성", "3모둠 · 화산", "질문방"),
        names=("하은", "도윤", "서연", "민준", "지우", "시우"),
        talk=("표면 온도가 5,500도래요", "표면만요!", "목성의 위성은 95개예요", "97개라던데요?", "그림은 누가 그려요?"),
        draft="첫 번째 초안이에요. 화산은 판의 경계에 많아요. 이 정도면 될까요?",
        rude=("바보", "너 바 보 냐"),
    ),
}
