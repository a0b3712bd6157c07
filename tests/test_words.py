"""What the word list finds in a text, and in which innocent ones it finds nothing."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.chat.desk.words import MAX_WORDS, WORD_LENGTH, WordList, words_of

WORDS = (
    "바보|존나|씨발|시발|병신|개새끼|지랄|자지|년|ㅅㅂ|ㅂㅅ|ㅈㄴ|ㅗ|씨ㅂ|꺼져 버려|졸라*|*쓰레기|18놈"
    "|fuck|ass|shit|penis|god|hell|email|🖕|미치ㄴ|sh!+|son of a bitch|damn*|año|傻逼|ไอ้สัตว์"
)
LISTED = WordList(WORDS.split("|"))

MOST_S = 0.1  # of a millisecond or two, on a loaded machine

FOUND = """
바보 = 바보 | 바보야 | 너는 바보다 | 야이바보야 | 이 바보들이 또 | 너는바보다 | 바보ㅋㅋ | ㅋㅋ바보
바보 = 바보같은 소리 | 바보! | (바보)
바보 = 바.....보 | 바  -  보
바보 = 바 보 | 바.보 | 바*보 | 바-보 | 바~~보 | 바_보 | 바1보 | 바🔥보 | ㅂㅏㅂㅗ | ㅂ ㅏ ㅂ ㅗ | 바ㅂㅗ
바보 = ㅂㅏ보
바보 = ﾊﾞｶ 바보 | 바아아보 | 바바바보 | ㅂㅏ ㅂㅗ | 바바보보
존나 = 존나 | 조ㄴ나 | 존ㄴㅏ | ㅈㅗㄴㄴㅏ | 존나게 | 존나ㅋㅋ | 아존나
씨발 = 씨발 | 아씨발 | 씨이이이발 | ㅆㅣ발 | 씨바ㄹ | 씨바ㄹㅋㅋ | 씨^^발 | 씨2발 | 씨발놈아 | 야.씨.발
씨발 = 에이씨발진짜
개새끼 = 이개새끼들 | 완전개새끼네 | 개.새.끼 | 개 새 끼 | 개1새끼
지랄 = 지랄하네 | 지랄 마 | 지랄이야
년 = 야 이 년아 | 년 | 년들이
ㅅㅂ = ㅅㅂ | 아ㅅㅂ | ㅅㅂㅋㅋ | ㅋㅋㅅㅂ | ㅅㅂㅠㅠ | ㅅㅂ놈 | ㅅㅂㅅㅂ | ㅅ ㅂ | ㅅ.ㅂ | ㅅ1ㅂ | ㅅㅂㅂㅂㅂ
ㅅㅂ = ᄉᄇ
ㅂㅅ = ㅂㅅ | ㅄ | ㅄㅋㅋ
ㅗ = ㅗ | ㅗㅗㅗ | ㅗ ㅗ | ㅗㅋㅋ
씨ㅂ = 씨ㅂ | 씨ㅂ 뭐야
꺼져 버려 = 꺼져 버려 | 꺼져  버려라 | 꺼져버려
fuck = fuck | FUCK | Ｆｕｃｋ | fuck! | fuck너 | 너fuck | f u c k | f.u.c.k | f-u-c-k | fu*ck | f*u*c*k
fuck = f-uck | ffuucckk | FFuuCCKK | f  -  u  -  c  -  k
fuck = fuuuuck | 𝒇𝒖𝒄𝒌 | what a f u c k | f.u.c.k.you | oh_fuck_no | f_u_c_k | f🔥u🔥c🔥k
ass = ass | a s s | a.s.s | you ass | assssss | your-ass
shit = sh1t | sh!t | Sh1t.
hell = hell | go to h3ll
email = e-mail
son of a bitch = son of a bitch | sonofabitch
damn* = damn | damned | damnit
졸라* = 졸라웃겨 | 졸라 웃겨 | 아졸라짜증
*쓰레기 = 쓰레기 | 인간쓰레기
傻逼 = 傻逼 | 你是傻逼吗 | 你傻 逼 | 傻.逼
ไอ้สัตว์ = ไอ้สัตว์ | คุณไอ้สัตว์นะ
año = año
🖕 = 🖕 | 안녕🖕🏽 | a🖕b
미치ㄴ = 미친 | 미치ㄴ놈
18놈 = 18놈
"""

WRITTEN_ODDLY = [
    ("바보", "\ubc14\n\ubcf4"),
    ("바보", "\ubc14\u200b\ubcf4"),
    ("바보", "\ubc14\u0336\ubcf4\u0336"),
    ("바보", "\u1107\u1161\u1107\u1169"),
    ("fuck", "f\u200buck"),
    ("fuck", "f\u0336u\u0336c\u0336k\u0336"),
    ("son of a bitch", "Son  of a\nbitch!"),
    ("año", "an\u0303o"),
]

INNOCENT = """
준다 | 밥을 준다 ㅋㅋ | ㅋㅋ | ㅋㅋㅋㅋㅋ | ㅎㅎㅎ | ㅠㅠ | ㅇㅇ | ㄱㅅㅂㅂ | ㄱㅅ | ㅂㅂ | ㅇㅈ | ㄴㄴ | 조나
조 나단 | 준나 | 잔나비 | 시바르 | 십알 | 사발 | 수박바 | 바람 보람 | 바로 보여 | 이 바 보기 좋네 | 다시발견
다시 발견했다 | 고시발표 | 도시발전 | 무시발언 | 시발점 | 시발역 | 시발택시 | 3시발 버스 | 3시 발표
역시 발이 빠르다 | 임시발행 | 감사합니다 | 서비스 | 삽 | 수비 | 시비 | 자음: ㄱ ㄴ ㄷ ㄹ ㅁ ㅂ ㅅ ㅇ ㅈ
ㄱㄴㄷㄹㅁㅂㅅㅇ | ㅏ, ㅓ, ㅗ, ㅜ | ㅗㅜㅑ | ㅗㅜㅑㅗㅜㅑ | 2024년 | 작년에 | 내년 | 년도 | 소년들이 | 병신춤
고자질 | 여자지만 | 남자지갑 | 과자지 | 지랄탄 | class | assess | pass | as s | as sad as | c l a s s
the pen is mine | pen is | pen.is | Scunthorpe | good | g o o d | hello | hell0 | shell | A55 | Galaxy A55 | a55
sh it | Dickens | penisula | cash it | ano | a.m. s.s. | mass. | as-is | h2o co2 mp3 b2b | I, II, III
하나. 둘. 셋. | 1 2 3 4 5 18 | 안녕하세요 여러분 | 傻瓜 | 逼近 | 你傻,不逼 | dam nice | ㅋㅋㅎㅎ | aabb | sh
hello aass1 | 뒤미친
"""


def table(text: str) -> list[str]:
    """Return the texts in a table."""
    return [one.strip() for line in text.strip().splitlines() for one in line.split(" | ")]


@pytest.mark.parametrize(
    ("word", "text"),
    [
        *(
            (word, text)
            for word, texts in (line.split(" = ") for line in FOUND.strip().splitlines())
            for text in table(texts)
        ),
        *WRITTEN_ODDLY,
    ],
)
def test_a_word_is_found_however_it_is_written(word: str, text: str) -> None:
    assert LISTED.find(text) == word


@pytest.mark.parametrize("text", table(INNOCENT))
def test_innocent_texts_hold_no_word(text: str) -> None:
    assert LISTED.find(text) is None


LETTERS = st.text("abcdefghiklmnoprstuwy", min_size=3, max_size=8).filter(lambda word: len(set(word)) > 1)
SYLLABLES = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=3, max_size=5)
GAPS = st.sampled_from([" ", ".", "*", "-", " - ", "\u200b", "\n", "•", "\u0336"])


@settings(max_examples=50, deadline=None)
@given(st.one_of(LETTERS, SYLLABLES), GAPS, st.booleans())
def test_any_word_is_found_alone_and_put_apart(word: str, gap: str, large: bool) -> None:
    listed = WordList(["other", word])
    text = word.upper() if large else word
    assert listed.find(f"well, {text}!") == word
    assert listed.find(gap.join(text)) == word


@settings(max_examples=50, deadline=None)
@given(SYLLABLES)
def test_any_korean_word_is_found_as_letters(word: str) -> None:
    assert WordList([word]).find(unicodedata.normalize("NFD", word)) == word


@settings(max_examples=50, deadline=None)
@given(st.text(), st.lists(st.text(), max_size=5))
def test_any_text_can_be_matched_with_any_list(text: str, words: list[str]) -> None:
    listed = words_of(words)
    assert WordList(listed).find(text) in (None, *listed)


@settings(max_examples=50, deadline=None)
@given(LETTERS, st.sampled_from("xzj"))
def test_a_longer_word_is_another(word: str, more: str) -> None:
    assert WordList([word]).find(f"{word}{more} {more}{word} {' '.join(word + more)}") is None


def test_a_list_is_one_word_a_line() -> None:
    assert words_of(["# ours", " 바보 ", "", "바보", "son  of", "#no"]) == ["바보", "son of"]
    with pytest.raises(ValueError, match="line 2 has"):
        words_of(["a", "b" * (WORD_LENGTH + 1)])
    with pytest.raises(ValueError, match="more than"):
        words_of(map(str, range(MAX_WORDS + 1)))


@pytest.mark.parametrize(("words", "text"), [(["a", "*", "**", "a*", "!", "#"], "a * b ! #"), ([], "바보")])
def test_what_says_nothing_is_no_word(words: list[str], text: str) -> None:
    assert WordList(words).find(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "가나다라마" * 400,
        "ㅂㅏㅂㅗ" * 500,
        "아이" * 1000,
        "a1" * 1000,
        "aaab" * 500,
        "a" * 1999 + "b",
        "aabb" * 499 + "c",
        "a.b*" * 500,
        "ㅅ" * 2000,
        "\ufdfa" * 2000,
        "a " * 1000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    """Each of these has once been quadratic, or could be: a hundred times as long."""
    listed = WordList(["뷁뷁", "뷁뷁뷁", "xyzzy*", "傻逼", "뷁 뷁"])
    began = time.process_time()
    assert listed.find(text) is None
    assert time.process_time() - began < MOST_S
