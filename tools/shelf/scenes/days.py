"""What people do all day: eat, drink coffee, get wet, work, listen, sleep, celebrate."""

import math

from tools.shelf.canvas import Canvas
from tools.shelf.face import Face
from tools.shelf.motion import hop, mix, part, smooth, track, wave
from tools.shelf.palette import (
    BLUE,
    CORAL,
    CORAL_DEEP,
    CREAM,
    GLOOM,
    GREEN,
    INK,
    LILAC,
    NIGHT,
    PALE_DEEP,
    PEACH,
    SKY,
    WATER,
    WHITE,
    WOOD,
    YELLOW,
)
from tools.shelf.paths import arc, curve, ellipse, rounded
from tools.shelf.props import confetti, letter, note, puff, stage, water
from tools.shelf.pung import Arm, Pose, draw_pung


def lunch(c: Canvas, t: float) -> None:
    """A spoon of rice, and chewing with full cheeks."""
    lift = track(t, [(0, 0), (0.12, 0), (0.34, 1), (0.44, 1), (0.58, 0)])
    eats = 0.3 < t < 0.46
    chews = t >= 0.46
    munch = wave(t, 5) if chews else 0.0
    stage(c, CREAM)
    draw_pung(
        c,
        Pose(
            at=(100, 172),
            squash=0.02 + 0.025 * munch,
            face=Face(
                eyes="happy" if chews else "open",
                look=(0.3, 0.7) if not eats else (0, 0.4),
                mouth="grin" if eats or (0.2 < t <= 0.3) else "cat",
                gape=1.1 if eats else 0.5,
                blush=1.1 + (0.45 + 0.15 * munch if chews else 0),
                turn=(0, -10),
            ),
            left=None,
            right=None,
            sway=4 * munch,
        ),
    )
    _bowl(c, 90, 158)
    sx, sy = mix(120, 106, lift), mix(140, 122, lift)
    with c.placed((sx, sy), turn=mix(32, 14, lift)):
        c.tube([(6, 0), (40, 6)], fill=PALE_DEEP, width=3.4, line=2.8)
        c.dot(0, 0, 9.5, 5.6, fill=PALE_DEEP, width=2.8)
        if not chews and t > 0.1:
            c.dot(0, -4, 7, 5.4, fill=WHITE, width=2.8)
    c.dot(sx + mix(33, 36, lift), sy + mix(22, 14, lift), 9.5, fill=BLUE)
    c.dot(62, 158, 9.5, fill=BLUE)


def _bowl(c: Canvas, x: float, y: float) -> None:
    rice = (ellipse(x - 12, y - 12, 13, 9), ellipse(x + 12, y - 12, 13, 9), ellipse(x, y - 17, 14, 10))
    c.shape(*rice, fill=WHITE)
    c.shape([*arc((x, y - 8), (30, 28), 0, 180)], fill=CORAL)
    with c.clipped([*arc((x, y - 8), (30, 28), 0, 180)]):
        c.line([(x - 32, y + 1), (x + 32, y + 1)], WHITE, 3.4)


def coffee(c: Canvas, t: float) -> None:
    """A sip, and a sigh of content."""
    lift = track(t, [(0, 0), (0.3, 0), (0.48, 1), (0.72, 1), (0.9, 0)])
    sips = lift > 0.55
    stage(c, SKY)
    draw_pung(
        c,
        Pose(
            at=(100, 173),
            squash=0.03 - 0.045 * lift,
            lean=-2 * lift,
            face=Face(
                eyes="closed" if sips else "happy", mouth="none" if sips else "cat", turn=(0, -10 + lift), blush=1.1
            ),
            left=None,
            right=None,
            sway=-5 * lift,
        ),
    )
    y = 151 - 18 * lift
    sigh = part((t + 0.06) % 1, 0, 0.3)
    puff(c, 124 + 34 * sigh, 118 - 16 * sigh, 9 * math.sin(math.pi * sigh) ** 0.7)
    with c.placed((100, y), turn=-7 * lift):
        c.tube(arc((23, 1), (10, 9), -80, 80), fill=YELLOW, width=5)
        c.shape([(-22, -18), (22, -18), *arc((11, 8), (10, 11), 0, 90), *arc((-11, 8), (10, 11), 90, 180)], fill=YELLOW)
        c.dot(0, -18, 22, 5, fill=WOOD)
        for number, colour in enumerate((CORAL, WHITE, GREEN)):
            c.dot(-10 + 10 * number, 3, 3.6, fill=colour, width=2.2)
    for side in (-1, 1):
        c.dot(100 + side * 25, y + 5, 9.5, fill=BLUE)


def rain(c: Canvas, t: float) -> None:
    """Under an umbrella, waiting for better."""
    bob = wave(t)
    stage(c, GLOOM)
    for number in range(15):
        x = (number * 0.7549 % 1) * 214 - 4
        y = ((t + number * 0.5698) % 1) * 232 - 20
        c.line([(x, y), (x - 3, y + 13)], WATER, 3)
    for number, x in enumerate((34, 166)):
        u = (t * 1 + number / 2) % 1
        c.line(arc((x, 178), (12 * u, 3.4 * u), 0, 360), WATER, 2.4)
    draw_pung(
        c,
        Pose(
            at=(94, 173),
            squash=0.07 + 0.012 * bob,
            size=0.9,
            face=Face(look=(0.4, -0.5), lids=0.34, mouth="flat", brows=-12, lift=-3),
            right=Arm((52, 12), bend=4),
            spring=(-7, -9, -7),
        ),
    )
    with c.placed((141, 132), turn=3 * bob):
        c.tube([*arc((5, 20), (5.5, 6), 0, 170)][::-1], fill=WOOD, width=4, line=2.8)
        c.line([(0, 10), (-8, -78)], INK, 5)
        _umbrella(c)
        c.dot(1, 2, 9.5, fill=BLUE)


def _umbrella(c: Canvas) -> None:
    with c.placed((-31, -64), turn=-5):
        hem = [point for x in (52.5, 17.5, -17.5, -52.5) for point in arc((x, 0), (17.5, 7), 0, -180)]
        dome = [*arc((0, 0), (70, 46), 180, 360), *hem]
        c.shape(dome, fill=CORAL)
        top = (0, -50)
        with c.clipped(dome):
            for panel in (
                [*curve((-35, 0), (-30, -34), top), *curve(top, (-4, -26), (0, 0))],
                [*curve((70, 0), (58, -42), top), *curve(top, (28, -34), (35, 0))],
            ):
                c.shape(panel, fill=CORAL_DEEP, ink=None)
        c.dot(0, -48, 4, fill=YELLOW, width=2.8)


def homework(c: Canvas, t: float) -> None:
    """At the desk, the pencil flying."""
    scribble = wave(t, 2)
    stage(c, LILAC)
    draw_pung(
        c,
        Pose(
            at=(92, 164),
            squash=0.02 + 0.012 * wave(t, 1),
            face=Face(look=(0.25 + 0.3 * wave(t), 0.9), mouth="wavy", brows=10, lift=-4, turn=(3, 3)),
            left=None,
            right=None,
            sway=5 * scribble,
        ),
    )
    c.shape(rounded(100, 186, 240, 60, 4), fill=WOOD)
    for x, y, turn, colour in ((24, 148, 0, GREEN), (26, 138, -3, YELLOW), (23, 128, 4, CORAL)):
        with c.placed((x, y), turn=turn):
            c.shape(rounded(0, 0, 46, 11, 3), fill=colour, width=2.8)
            c.line([(6, 0), (20, 0)], WHITE, 3)
    with c.placed((98, 158), turn=-2):
        c.shape([(-36, 10), (-28, -10), (34, -10), (42, 10)], fill=WHITE, width=2.8)
        for number in range(2):
            line = -4.5 + 7 * number
            c.line([(-23 - 3 * number, line), (10 + 5 * scribble if number else 24, line)], PALE_DEEP, 2.6)
    px, py = 114 + 5 * scribble, 154 + 2 * wave(t, 4)
    with c.placed((px, py), turn=34):
        c.shape([(-4, -7), (0, 2), (4, -7)], fill=WHITE, width=2.4)
        c.shape(rounded(0, -21, 8, 29, 1), fill=YELLOW, width=2.4)
        c.shape(rounded(0, -37, 8, 6, 2), fill=CORAL, width=2.4)
    c.dot(px + 9, py - 8, 9.5, fill=BLUE)
    c.dot(66, 158, 9.5, 8.5, fill=BLUE)
    for number in range(2):
        u = (t + number / 2) % 1
        water(
            c,
            52 - 14 * u if number else 136 + 14 * u,
            68 - 14 * u + 30 * u * u,
            6.5 * (1 - u) ** 0.5,
            50 - 100 * number,
        )


def music(c: Canvas, t: float) -> None:
    """Headphones on, eyes closed, nodding."""
    nod = hop(t, 2)
    lean = wave(t)
    stage(c, PEACH)
    for number, (x, colour) in enumerate(((30, YELLOW), (170, GREEN), (36, WHITE), (162, CORAL))):
        u = (t + number * 0.25) % 1
        note(c, x + 7 * wave(u, 1), 112 - 74 * u, 13 * math.sin(math.pi * u) ** 0.5, colour, 14 * wave(u, 1))

    def headphones(c: Canvas) -> None:
        c.tube(arc((0, -4), (52, 48), 188, 352), fill=CORAL_DEEP, width=5.5)
        for side in (-1, 1):
            c.shape(rounded(51 * side, -2, 17, 32, 7.5), fill=CORAL_DEEP)
            c.shape(rounded(46 * side, -2, 7, 24, 3.4), fill=INK, ink=None)

    draw_pung(
        c,
        Pose(
            at=(100, 173),
            squash=0.07 - 0.07 * nod,
            lean=5 * lean,
            face=Face(eyes="closed", mouth="cat", turn=(2 * lean, 3 - 4 * nod), blush=1.1),
            left=Arm((-56, 22 - 6 * lean), bend=6, front=False),
            right=Arm((56, 22 + 6 * lean), bend=6, front=False),
            feet=((-19, 0), (19, -5 * max(0.0, wave(t, 2)))),
            spring=(-3 * (1 - nod), -2 * (1 - nod), -3 * (1 - nod)),
            wears=headphones,
        ),
    )


def sleepy(c: Canvas, t: float) -> None:
    """Fast asleep, with a nightcap and a bubble at the nose."""
    breath = 0.5 + 0.5 * wave(t, 1, -0.25)
    stage(c, NIGHT)
    with c.clipped(ellipse(100, 103, 90, 90)):
        c.dot(40, 46, 15, fill=YELLOW, ink=None)
        c.dot(47, 41, 13, fill=NIGHT.round, ink=None)
    for number, (x, y, size) in enumerate(((80, 30, 5), (22, 96, 6), (178, 120, 5))):
        sparkle_ = size * (0.6 + 0.4 * wave(t, 1, number / 3))
        c.dot(x, y, sparkle_ * 0.5, fill=WHITE, ink=None)
    for number in range(3):
        u = (t + number / 3) % 1
        letter(c, "Z", 138 + 42 * u, 74 - 52 * u, (5 + 8 * u) * min(1.0, 4 * (1 - u)), WHITE, turn=-8 + 16 * u)

    def nightcap(c: Canvas) -> None:
        droop = 3 * breath
        cap = [
            *curve((-43, -25), (-30, -58), (14, -72), (44, -58)),
            *curve((44, -58), (64, -48), (68, -34 + droop), (69, -22 + droop)),
            *curve((69, -22 + droop), (58, -36), (46, -40), (40, -25)),
        ]
        c.shape(cap, fill=CORAL)
        with c.clipped(cap):
            c.line(curve((-14, -70), (-4, -50), (-8, -20)), WHITE, 7)
            c.line(curve((20, -76), (30, -50), (26, -20)), WHITE, 7)
            c.line([(44, -34), (76, -52)], WHITE, 6)
        c.tube(curve((-42, -24), (-16, -33), (16, -33), (42, -24)), fill=WHITE, width=8)
        c.dot(69, -17 + droop, 8, fill=WHITE)

    draw_pung(
        c,
        Pose(
            at=(92, 174),
            squash=0.1 - 0.05 * breath,
            face=Face(eyes="closed", mouth="o", gape=-0.1 + 0.3 * breath, turn=(0, 4), blush=1.15),
            left=Arm((-48, 34), bend=3, front=False),
            right=Arm((48, 34), bend=3, front=False),
            dots=False,
            wears=nightcap,
        ),
    )
    bubble = 4 + 15 * smooth(1 - breath)
    c.dot(101 + bubble * 0.8, 132 - bubble * 0.35, bubble, fill=WATER, width=2.6)
    c.dot(101 + bubble * 0.5, 132 - bubble * 0.75, bubble * 0.24, bubble * 0.18, fill=WHITE, ink=None)


def party(c: Canvas, t: float) -> None:
    """A paper hat, a dance, and confetti for ever."""
    side = wave(t)
    up = hop(t, 2)
    stage(c, NIGHT, x=100 + 5 * side, air=8 * up)
    confetti(c, t)

    def hat(c: Canvas) -> None:
        with c.placed((6, -40), turn=8 - 8 * side):
            cone = [*curve((-21, 4), (0, 11), (21, 4)), (0, -38)]
            c.shape(cone, fill=CORAL)
            with c.clipped(cone):
                c.line([(-26, -2), (24, -16)], YELLOW, 6)
                c.line([(-20, 16), (28, 2)], WHITE, 6)
                c.line([(-20, -22), (20, -32)], GREEN, 6)
            c.dot(0, -40, 7, fill=YELLOW)

    draw_pung(
        c,
        Pose(
            at=(100 + 5 * side, 174 - 8 * up),
            squash=0.08 - 0.12 * up,
            lean=8 * side,
            size=0.95,
            face=Face(eyes="happy", mouth="grin", gape=1, turn=(4 * side, 1)),
            left=Arm((-60, -8 - 22 * side), bend=9),
            right=Arm((60, -8 + 22 * side), bend=9),
            dots=False,
            wears=hat,
        ),
    )
