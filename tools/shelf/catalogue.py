"""What is on the shelf, in the order people see it, and the words it is found by."""

from collections.abc import Callable
from typing import NamedTuple

from tools.shelf.canvas import Canvas
from tools.shelf.palette import CREAM, GLOOM, LILAC, MINT, NIGHT, PEACH, SKY, SUN, Ground
from tools.shelf.scenes import answers, days, feelings, greetings


class Loop(NamedTuple):
    """A GIF to be drawn."""

    name: str
    draw: Callable[[Canvas, float], None]
    """Draws a moment of the loop, from 0 to just before 1, onto a canvas that is still empty."""

    ground: Ground
    frames: int
    frame_ms: int  # a GIF counts in hundredths of a second
    ko: str
    """Korean words; the first is what the picture is called. A picture is found by their initial consonants, too."""

    en: str
    start: float = 0
    """What moment comes first: it is also the poster, and should say all."""


SHELF: tuple[Loop, ...] = (
    Loop(
        "hello", greetings.hello, SUN, 8, 80,
        "안녕 하이 인사 반가워 어서와 왔어 굿모닝", "hello hi hey wave welcome morning",
    ),
    Loop(
        "bye", greetings.bye, LILAC, 10, 90,
        "잘가 안녕 바이 빠이 빠빠 내일봐 이별 또봐", "bye goodbye farewell leave wave later",
    ),
    Loop(
        "thanks", greetings.thanks, CREAM, 14, 80,
        "고마워 감사 땡큐 고맙습니다 인사 절", "thanks thank you bow grateful", 0.38,
    ),
    Loop(
        "sorry", greetings.sorry, GLOOM, 10, 80,
        "미안 죄송 쏘리 사과 용서 부탁 제발", "sorry apology forgive please beg",
    ),
    Loop(
        "congratulations", greetings.congratulations, PEACH, 14, 90,
        "축하 추카 ㅊㅋ 경축 생일 합격 폭죽", "congratulations congrats celebrate birthday hooray", 0.5,
    ),
    Loop(
        "cheer", greetings.cheer, SUN, 10, 80,
        "화이팅 파이팅 힘내 응원 할수있어 가자 불", "cheer fighting go fire strength",
    ),
    Loop(
        "love", greetings.love, PEACH, 12, 90,
        "하트 사랑 좋아 사랑해 최애 심쿵", "heart love like adore",
    ),
    Loop(
        "laugh", feelings.laugh, SUN, 8, 70,
        "웃음 크크 ㅋㅋ ㅎㅎ 하하 웃겨 빵터짐 폭소", "laugh lol haha funny rofl",
    ),
    Loop(
        "clap", feelings.clap, MINT, 6, 70,
        "박수 짝짝 브라보 잘했어 대단해", "applause clap bravo",
    ),
    Loop(
        "ok", answers.okay, MINT, 8, 100,
        "오케이 오키 ㅇㅋ 좋아 응 네 알겠어 그래 정답 동그라미", "ok okay yes sure fine",
    ),
    Loop(
        "no", answers.no, PEACH, 8, 80,
        "아니 노노 ㄴㄴ 안돼 싫어 땡 틀렸어 엑스", "no nope wrong refuse",
    ),
    Loop(
        "thumbs-up", answers.thumbs_up, SUN, 12, 80,
        "최고 엄지 굿 좋아요 따봉 짱 잘했어", "thumbs up good great best nice",
    ),
    Loop(
        "question", answers.question, SKY, 12, 90,
        "물음표 질문 뭐 왜 궁금 갸우뚱 모르겠어", "question what why huh curious",
    ),
    Loop(
        "think", answers.think, LILAC, 16, 90,
        "생각 고민 음 글쎄 흠 생각중", "thinking think hmm wonder typing", 0.2,
    ),
    Loop(
        "wow", feelings.wow, LILAC, 10, 80,
        "우와 와 대박 멋져 감탄 반짝 기대", "wow amazing awesome stars great",
    ),
    Loop(
        "surprise", feelings.surprise, CREAM, 12, 70,
        "깜짝 놀람 헉 헐 엥 무서워 느낌표", "surprise surprised shock scared gasp omg",
    ),
    Loop(
        "cry", feelings.cry, SKY, 8, 80,
        "울음 ㅠㅠ ㅜㅜ 눈물 슬퍼 엉엉 흑흑 속상해", "crying cry sad tears sob",
    ),
    Loop(
        "angry", feelings.angry, CREAM, 8, 60,
        "화남 화나 분노 짜증 부글부글 흥", "angry mad furious rage",
    ),
    Loop(
        "shy", feelings.shy, PEACH, 10, 90,
        "부끄 수줍 쑥스러워 부끄러워 설렘", "shy blush bashful",
    ),
    Loop(
        "cool", feelings.cool, MINT, 20, 80,
        "멋짐 선글라스 쿨 간지 훗 인정 자신감", "cool sunglasses swag boss", 0.14,
    ),
    Loop(
        "speechless", feelings.speechless, GLOOM, 10, 110,
        "멘붕 망했다 영혼 헐 어이없어 지침 포기", "speechless soul doomed fail tired dead",
    ),
    Loop(
        "lunch", days.lunch, CREAM, 14, 90,
        "밥 점심 배고파 급식 냠냠 식사 맛있어 먹자", "lunch hungry food rice eat yummy", 0.56,
    ),
    Loop(
        "coffee", days.coffee, SKY, 14, 100,
        "커피 차 카페 휴식 쉬자 한잔 코코아", "coffee tea break cafe cocoa relax", 0.28,
    ),
    Loop(
        "homework", days.homework, LILAC, 8, 80,
        "숙제 공부 시험 과제 열공 필기", "homework study exam write busy",
    ),
    Loop(
        "hurry", answers.hurry, SKY, 8, 60,
        "빨리 서둘러 고고 ㄱㄱ 지각 달려 급해 뛰어", "hurry quick run late go fast", 0.25,
    ),
    Loop(
        "wait", answers.wait, CREAM, 14, 100,
        "잠깐 기다려 ㄱㄷ 잠시만 멈춰 스톱 모래시계", "wait stop hold hourglass time",
    ),
    Loop(
        "music", days.music, PEACH, 10, 80,
        "음악 노래 헤드폰 흥 리듬 둠칫", "music song headphones dance rhythm",
    ),
    Loop(
        "party", days.party, NIGHT, 10, 80,
        "파티 신나 춤 축제 야호 생일 댄스 행복 기뻐", "party dance celebrate birthday yay happy joy", 0.3,
    ),
    Loop(
        "rain", days.rain, GLOOM, 8, 80,
        "비 우산 장마 날씨 우울 비온다", "rain umbrella weather gloomy wet",
    ),
    Loop(
        "sleepy", days.sleepy, NIGHT, 10, 150,
        "졸려 잘자 자자 굿나잇 피곤 쿨쿨 꿈", "sleepy good night sleep tired zzz dream",
    ),
)  # fmt: skip
