"""How people feel: amused, sad, surprised, amazed, angry, shy, cool, lost for words."""

import math

from tools.shelf.canvas import Canvas
from tools.shelf.face import Face
from tools.shelf.motion import hop, mix, part, slow_start, smooth, track, wave
from tools.shelf.palette import (
    CORAL,
    CORAL_DEEP,
    CORAL_LIGHT,
    CREAM,
    GLOOM,
    INK,
    LILAC,
    MINT,
    PALE,
    PALE_DEEP,
    PEACH,
    SKY,
    SUN,
    WATER,
    WHITE,
    YELLOW,
)
from tools.shelf.paths import curve
from tools.shelf.paths import smooth as through
from tools.shelf.props import letter, puff, rays, small_heart, small_star, sparkle, stage, water
from tools.shelf.pung import Arm, Pose, draw_pung


def laugh(c: Canvas, t: float) -> None:
    """ㅋㅋㅋ: shaken by laughter, with tears."""
    shake = wave(t, 2)
    stage(c, SUN)
    for number, (x, y, size) in enumerate(((32, 66, 13), (100, 24, 13), (167, 62, 16))):
        up = wave(t, 1, number * 0.33)
        letter(c, "ㅋ", x, y - 5 * up, size, (WHITE, CORAL, YELLOW)[number], turn=-14 + 13 * number + 8 * up, thick=0.5)
    draw_pung(
        c,
        Pose(
            at=(100, 176),
            squash=0.05 + 0.05 * shake,
            lean=-4,
            face=Face(eyes="shut", mouth="grin", gape=1.25 + 0.2 * shake, turn=(-2, -5)),
            left=Arm((-17, 32), limb=False),
            right=Arm((52, 24 - 6 * shake), bend=6),
            sway=5 * wave(t, 2, -0.2),
            spring=(2 * shake, 3 * shake, 2 * shake),
        ),
    )
    for side in (-1, 1):
        u = (t * 2 + 0.25 * side) % 1
        water(c, 97 + side * (38 + 16 * u), 97 + 10 * u * u, 5.5 * (1 - u) ** 0.5, side * (60 + 60 * u))


def cry(c: Canvas, t: float) -> None:
    """Wailing, with a fountain from each eye and a puddle below."""
    sob = wave(t, 2)
    stage(c, SKY)
    pool = 64 + 2 * wave(t, 1)
    c.dot(100, 174, pool, 11, fill=WATER, width=2.8)
    draw_pung(
        c,
        Pose(
            at=(100, 172),
            squash=0.04 + 0.03 * sob,
            face=Face(eyes="shut", mouth="wail", gape=0.7 + 0.25 * sob, brows=-22, lift=-2, turn=(0, -3)),
            left=Arm((-55, 14 - 3 * sob), bend=8),
            right=Arm((55, 14 - 3 * sob), bend=8),
            sway=4 * wave(t, 2, 0.2),
            spring=(-3, -4, -3),
        ),
    )
    for side in (-1, 1):
        stream = [(100 + side * (29 + 42 * u), 106 - 62 * u + 122 * u * u) for u in (step / 14 for step in range(15))]
        c.tube(stream, fill=WATER, width=7, line=2.8)
        for number in range(2):
            u = (t + number / 2) % 1
            x, y = 100 + side * (29 + 42 * u), 106 - 62 * u + 122 * u * u
            c.line([(x, y), (x + side * 4, y - 2 + 9 * u)], WHITE, 3)
        splash = (t * 2) % 1
        water(c, 100 + side * (72 + 14 * splash), 164 - 16 * hop(splash), 4.5 * (1 - splash) ** 0.5, side * 40)


def surprise(c: Canvas, t: float) -> None:
    """A jump, eyes wide open."""
    high = track(t, [(0, 1), (0.22, 1), (0.42, 0), (0.52, -0.35), (0.62, 0), (0.72, -0.5)], smooth)
    air, low = max(high, 0.0), max(-high, 0.0)
    stage(c, CREAM, air=24 * air)
    if air > 0.5:
        rays(c, (100, 112), 82, 82 + 14 * air, tuple(range(-165, 0, 30)), CORAL, 4.4)
    draw_pung(
        c,
        Pose(
            at=(97, 175 - 20 * air),
            squash=0.3 * low - 0.09 * air,
            face=Face(wide=1 + 0.28 * air, mouth="o", gape=0.2 + 1.2 * air, brows=-4, lift=5 * air),
            left=Arm((-60, mix(26, -14, air)), bend=6, mitt="open", turn=-24),
            right=Arm((60, mix(26, -14, air)), bend=6, mitt="open", turn=24),
            feet=((-19 - 4 * air, -3 * air), (19 + 4 * air, -3 * air)),
            spring=(6 * air - 5 * low, 7 * air - 7 * low, 6 * air - 5 * low),
        ),
    )
    letter(c, "!", 168, 44 + 3 * wave(t, 2), 22 * smooth(min(1, air * 1.6)), CORAL_DEEP, turn=14, thick=0.5)


def wow(c: Canvas, t: float) -> None:
    """Stars in the eyes, and all around."""
    thrill = wave(t, 2)
    stage(c, LILAC)
    for number, (x, y, size) in enumerate(((28, 58, 15), (172, 52, 17), (176, 122, 11), (22, 120, 12), (140, 22, 10))):
        sparkle(c, x, y, size * max(0.0, wave(t, 1, number * 0.23)) ** 0.7, (WHITE, YELLOW)[number % 2])
    draw_pung(
        c,
        Pose(
            at=(100, 173),
            squash=-0.02 + 0.025 * thrill,
            face=Face(
                eyes="star", wide=1 + 0.09 * wave(t, 2, 0.25), look=(wave(t), 0), mouth="grin", gape=1, turn=(0, -3)
            ),
            left=Arm((-33, 25 + thrill), limb=False),
            right=Arm((33, 25 + thrill), limb=False),
            spring=(2 + 2 * thrill, 3 + 3 * thrill, 2 + 2 * thrill),
        ),
    )


def angry(c: Canvas, t: float) -> None:
    """Red, stamping, with steam."""
    stamp = wave(t)
    shake = wave(t, 2)
    stage(c, CREAM)
    for side in (-1, 1):
        for number in range(2):
            u = (t + number / 2) % 1
            puff(c, 100 + side * (50 + 34 * u), 76 - 22 * u, 11 * math.sin(math.pi * min(1, u + 0.15)) ** 0.6)
    draw_pung(
        c,
        Pose(
            at=(100 + 1.6 * shake, 173),
            squash=0.05 + 0.02 * shake,
            lean=1.5 * stamp,
            face=Face(brows=24, lift=-7, mouth="teeth", look=(0, 0.1), cheek=CORAL_DEEP, turn=(0, -2)),
            left=Arm((-56, 27), bend=8, mitt="fist"),
            right=Arm((56, 27), bend=8, mitt="fist"),
            feet=((-19, -9 * max(0, stamp)), (19, -9 * max(0, -stamp))),
            sway=5 * shake,
            body=CORAL,
            shade=CORAL_DEEP,
            light=CORAL_LIGHT,
        ),
    )
    with c.placed((140, 66), turn=6 * shake, scale=(1 + 0.08 * shake,) * 2):  # the veins of an angry one
        for turn in (0, 90, 180, 270):
            with c.placed(turn=turn):
                c.line(curve((3, -11), (3.5, -3.5), (11, -3)), CORAL_DEEP, 4)


def shy(c: Canvas, t: float) -> None:
    """Hands to the cheeks, twisting from side to side."""
    twist = wave(t)
    stage(c, PEACH)
    for number, (x, y) in enumerate(((36, 60), (165, 66))):
        u = (t + number / 2) % 1
        small_heart(c, x + 4 * wave(u), y + 10 - 26 * u, 10 * math.sin(math.pi * u) ** 0.7, CORAL_DEEP, 10 * wave(u))
    draw_pung(
        c,
        Pose(
            at=(100, 173),
            squash=0.04 + 0.02 * wave(t, 2),
            lean=5 * twist,
            face=Face(eyes="happy", mouth="wavy", blush=1.55, turn=(7 * twist, -5), cheek=CORAL),
            left=Arm((-32 + 6 * twist, 26), limb=False),
            right=Arm((32 + 6 * twist, 26), limb=False),
            feet=((-15, 0), (15, 0)),
            sway=-14 * wave(t, 1, -0.13),
        ),
    )


def cool(c: Canvas, t: float) -> None:
    """Sunglasses come down from above, and glint."""
    fall = slow_start(part(t, 0.46, 0.66)) if t > 0.4 else 1.0
    land = part(t, 0.66, 0.9) if t > 0.4 else 1.0
    gone = t > 0.4 and fall < 1
    knock = math.sin(math.pi * land) * (1 - land) if land < 1 else 0.0
    off = part(t, 0.34, 0.46) if t <= 0.46 else 0.0
    stage(c, MINT)

    def glasses(c: Canvas) -> None:
        y = -6 - 150 * (1 - fall) - 2.5 * knock - 150 * off**2
        with c.placed((1, y)):
            c.line([(-46, -6), (46, -6)], INK, 7)
            for side in (-1, 1):
                lens = [
                    *curve((side * 4, -8), (side * 20, -10), (side * 40, -8)),
                    *curve((side * 40, -8), (side * 43, 14), (side * 24, 16), (side * 20, 15)),
                    *curve((side * 20, 15), (side * 8, 14), (side * 4, 4), (side * 4, -8)),
                ]
                c.shape(lens, fill=INK, width=4)
                with c.clipped(lens):
                    shine = -34 + 90 * part(t, 0.04, 0.28)
                    c.line([(side * 20 + shine + 10, -16), (side * 20 + shine - 10, 22)], WHITE, 6)
                    c.line([(side * 20 + shine + 20, -16), (side * 20 + shine, 22)], WHITE, 2.4)

    draw_pung(
        c,
        Pose(
            at=(100, 174),
            squash=0.1 * knock,
            lean=-3,
            face=Face(
                eyes="open" if gone or off > 0 else "flat",
                look=(0, -0.9),
                mouth="o" if gone else "smirk",
                gape=0.1,
                turn=(2, -1),
            ),
            left=Arm((-51, 30), bend=14),
            right=Arm((51, 30), bend=14),
            sway=6 * knock,
            spring=(3 * knock, 4 * knock, 3 * knock),
            wears=glasses,
        ),
    )
    sparkle(c, 154, 72, 17 * math.sin(math.pi * part(t, 0.16, 0.36)), YELLOW)


def clap(c: Canvas, t: float) -> None:
    """Hands together and apart."""
    apart = track(t, [(0, 0), (0.15, 0), (0.5, 1), (0.75, 0.6)], smooth)
    hit = 1 - min(1.0, apart * 2.2)
    stage(c, MINT, air=6 * apart)
    draw_pung(
        c,
        Pose(
            at=(100, 173 - 4 * apart),
            squash=0.06 * hit - 0.03 * apart,
            face=Face(eyes="happy", mouth="grin", gape=0.85, turn=(0, -6)),
            left=Arm((-8 - 25 * apart, 28 - 5 * apart), limb=False, mitt="palm", turn=8 - 22 * apart, size=1.15),
            right=Arm((8 + 25 * apart, 28 - 5 * apart), limb=False, mitt="palm", turn=-8 + 22 * apart, size=1.15),
            spring=(3 * hit, 4 * hit, 3 * hit),
        ),
    )
    if hit > 0:
        rays(c, (100, 143), 24, 24 + 10 * hit, (-165, -15, 165, 15, 140, 40), WHITE, 3.6)
    for side in (-1, 1):
        small_star(
            c, 100 + side * (64 + 8 * hit), 62 - 6 * hit, 10 + 4 * hit, YELLOW if side > 0 else WHITE, 20 * side * hit
        )


def speechless(c: Canvas, t: float) -> None:
    """The soul leaves by the mouth, and waves."""
    rise = wave(t)
    stage(c, GLOOM)
    draw_pung(
        c,
        Pose(
            at=(84, 174),
            squash=0.1 + 0.012 * wave(t, 1, 0.3),
            face=Face(eyes="blank", mouth="o", gape=0.6, blush=0, turn=(0, -2)),
            left=Arm((-52, 36), bend=3, front=False),
            right=Arm((52, 36), bend=3, front=False),
            spring=(-7, -9, -7),
            body=PALE,
            shade=PALE_DEEP,
            light=WHITE,
        ),
    )
    _soul(c, 152 + 3 * wave(t, 1, 0.25), 56 - 6 * rise, rise)


def _soul(c: Canvas, x: float, y: float, rise: float) -> None:
    tail = through((86, 135), (108, 139), (131, 128 - 2 * rise), (141 + 2 * rise, 104), (x - 3, y + 14), closed=False)
    wisp = [(*point, 1.5 + 13 * (number / len(tail)) ** 1.7) for number, point in enumerate(tail)]
    for px, py, r in wisp:
        c.dot(px, py, r + 2.8, fill=INK, ink=None)
    for px, py, r in wisp:
        c.dot(px, py, r, fill=WHITE, ink=None)
    c.dot(x, y, 23, 21, fill=WHITE, width=2.8)
    for px, py, r in wisp[-6:]:
        c.dot(px, py, r, fill=WHITE, ink=None)
    for side in (-1, 1):
        c.line(curve((x + side * 8 - 4, y - 1), (x + side * 8, y - 6), (x + side * 8 + 4, y - 1)), INK, 3)
        c.dot(x + side * 14, y + 6, 3.6, 2.4, fill=CORAL, ink=None)
    c.line(curve((x - 4, y + 6), (x, y + 10), (x + 4, y + 6)), INK, 2.6)
    c.dot(x + 25, y + 4 - 8 * rise, 6, fill=WHITE, width=2.8)
