"""What a word list costs: making it, and looking for its words in a text of 2,000 characters.

python -m bench.words  prints both, as processor time, and fails over a floor. The texts have no word of the list, so
all of them is looked through.
"""

import random
import sys
import time

from realtime.chat.desk.words import MAX_WORDS, WordList
from realtime.chat.policy import CHAT_LENGTH

MOST_MADE_S = 0.5
MOST_FOUND_S = 0.005
TIMES = 20
SYLLABLES = [chr(code) for code in range(ord("가"), ord("힣"), 14)]
LETTERS = "etaoinshrdlu"


def some(letters: list[str] | str, longest: int, rng: random.Random) -> str:
    """Return a word of random letters, none twice in a row."""
    return "".join(rng.sample(letters, rng.randint(2, longest)))


def words(rng: random.Random) -> list[str]:
    """Return as many words as a list may have, half of them Korean; no text below has one."""
    korean = {some(SYLLABLES, 5, rng) + "뷁" for _ in range(MAX_WORDS // 2)}
    return [*korean, *{some(LETTERS, 9, rng) + f"qz{number}" for number in range(MAX_WORDS // 2)}]


def texts(rng: random.Random) -> dict[str, str]:
    """Return texts of the greatest length, by what they are."""
    korean = [some(SYLLABLES, 4, rng) for _ in range(CHAT_LENGTH)]
    english = [some(LETTERS, 9, rng) for _ in range(CHAT_LENGTH)]
    whole = {
        "Korean": " ".join(korean),
        "Korean without spaces": "".join(korean),
        "Korean, each syllable apart": " ".join("".join(korean)),
        "English": " ".join(english),
        "English, each letter apart": " ".join("".join(english)),
        "with laughs": " ".join(f"{word}ㅋㅋㅋㅋ" for word in korean),
        "Korean letters that stand alone": "ㅂㅏㄷㅗ" * CHAT_LENGTH,
    }
    return {name: text[:CHAT_LENGTH] for name, text in whole.items()}


def main() -> None:
    """Print what it costs; exit with status 1 over a floor."""
    rng = random.Random(17)
    listed = words(rng)
    began = time.process_time()
    word_list = WordList(listed)
    made_s = time.process_time() - began
    print(f"{len(listed):,} words: {made_s * 1000:.0f} ms")
    slowest_s = 0.0
    for name, text in texts(rng).items():
        began = time.process_time()
        for _ in range(TIMES):
            assert word_list.find(text) is None
        each_s = (time.process_time() - began) / TIMES
        slowest_s = max(slowest_s, each_s)
        print(f"{name}: {each_s * 1000:.2f} ms")
    sys.exit(made_s > MOST_MADE_S or slowest_s > MOST_FOUND_S)


if __name__ == "__main__":
    main()
