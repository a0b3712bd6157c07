"""What people answer: yes, no, good, why, let me think, wait, quickly."""

import math

from tools.shelf.canvas import Canvas
from tools.shelf.face import Eyes, Face
from tools.shelf.motion import hop, mix, part, smooth, spring, track, wave
from tools.shelf.palette import (
    CORAL,
    CORAL_DEEP,
    CREAM,
    LILAC,
    MINT,
    PEACH,
    SKY,
    SUN,
    WHITE,
    WOOD,
    YELLOW,
)
from tools.shelf.paths import curve, rounded
from tools.shelf.props import letter, puff, sparkle, stage, water
from tools.shelf.pung import Arm, Pose, draw_pung


def okay(c: Canvas, t: float) -> None:
    """Arms make a big circle overhead: OK."""
    nod = track(t, [(0, 0), (0.2, 1), (0.4, 0), (0.6, 0.7), (0.8, 0)])
    stage(c, MINT)
    for sign, x, turn, late in (("O", 29, -10, 0.0), ("K", 171, 10, 0.08)):
        letter(
            c,
            sign,
            x,
            56 + 5 * track(t - late, [(0, 0), (0.2, 1), (0.4, 0), (0.6, 0.7), (0.8, 0)]),
            17,
            WHITE,
            turn=turn,
        )
    draw_pung(
        c,
        Pose(
            at=(100, 176),
            squash=0.08 * nod - 0.01,
            size=0.94,
            face=Face(eyes="wink", mouth="grin", gape=0.8, turn=(0, 1 + 4 * nod)),
            left=Arm((-9, -80), bend=52),
            right=Arm((9, -80), bend=52),
            spring=(-4, -2 - 3 * nod, -4),
        ),
    )


def no(c: Canvas, t: float) -> None:
    """The sign with the X is up, and the head is shaken."""
    shake = wave(t)
    stage(c, PEACH, x=92)
    sign = 6 * wave(t, 1, 0.1)

    def paddle(c: Canvas) -> None:
        with c.placed((59, 0), turn=8 + sign):
            c.tube([(0, 8), (0, -20)], fill=WOOD, width=7)
            c.dot(0, -42, 27, fill=WHITE)
            with c.placed((0, -42)):
                letter(c, "X", 0, 0, 15, CORAL_DEEP, thick=0.56)

    draw_pung(
        c,
        Pose(
            at=(84, 173),
            lean=1.5 * shake,
            face=Face(eyes="shut", mouth="frown", brows=14, lift=-3, turn=(10 * shake, 0)),
            right=Arm((59, 6), bend=4),
            sway=-15 * wave(t, 1, -0.12),
            wears=paddle,
        ),
    )


def thumbs_up(c: Canvas, t: float) -> None:
    """A thumb comes right at the viewer."""
    out = track(t, [(0, 1), (0.45, 1), (0.62, 0), (0.74, -0.15)], smooth)
    near = max(out, 0.0)
    stage(c, SUN)
    size = mix(0.8, 1.65, near) + 0.03 * near * wave(t, 2)
    draw_pung(
        c,
        Pose(
            at=(82, 173),
            squash=0.06 * (1 - near) - 0.03 * near,
            lean=-5 * near,
            face=Face(eyes="wink", mouth="grin", gape=0.5 + 0.5 * near, turn=(4, 0)),
            right=Arm((mix(46, 72, near), mix(18, 8, near)), bend=5, mitt="thumb", size=size, turn=4),
            sway=9 * near,
        ),
    )
    if near > 0.9:
        twinkle = part(t, 0.02, 0.2) * (1 - part(t, 0.25, 0.42))
        sparkle(c, 176, 56, 17 * twinkle)
        sparkle(c, 132, 40, 9 * twinkle)


def question(c: Canvas, t: float) -> None:
    """The head goes to the side and a question mark pops up."""
    tilt = track(t, [(0, 1), (0.45, 1), (0.6, -1), (0.9, -1)])
    stage(c, SKY)
    letter(c, "?", 150, 48 + 2 * wave(t), 21 * (1 + 0.08 * wave(t, 2)), YELLOW, turn=14)
    pop = spring(part(t, 0.1, 0.3)) * (1 - part(t, 0.9, 1))
    letter(c, "?", 45, 58 - 2 * wave(t), 12 * pop, CORAL, turn=-12)
    draw_pung(
        c,
        Pose(
            at=(96, 173),
            lean=8 * tilt,
            face=Face(look=(0.35, -0.75), mouth="o", gape=0.1, brows=-7, lift=3 + 2 * tilt),
            right=Arm((27, 26), limb=False, turn=-20),
            sway=-9 * wave(t, 1, 0.2),
        ),
    )


def _blink(t: float, at: float) -> Eyes:
    return "closed" if abs(t - at) < 0.05 else "open"


def think(c: Canvas, t: float) -> None:
    """Hm… The dots on the head go up and down as when somebody is typing."""
    side = track(t, [(0, 1), (0.42, 1), (0.5, -1), (0.92, -1)])
    stage(c, LILAC)
    jumps = tuple(15 * max(0.0, math.sin(2 * math.pi * (2 * t - number * 0.17))) for number in range(3))
    draw_pung(
        c,
        Pose(
            at=(100, 174),
            face=Face(look=(0.7 * side, -0.8), mouth="skew", brows=-6 if side > 0 else -3, lift=3, turn=(3 * side, 0)),
            right=Arm((17, 31), limb=False, turn=-30),
            lean=1.5 * side,
            spring=(jumps[0], jumps[1] + 2, jumps[2]),
        ),
    )


def wait(c: Canvas, t: float) -> None:
    """A palm says stop; the hourglass runs, and turns over."""
    push = track(t, [(0, 1), (0.25, 0.6), (0.5, 1), (0.75, 0.6)])
    stage(c, CREAM)
    over = smooth(part(t, 0.8, 1))
    draw_pung(
        c,
        Pose(
            at=(82, 173),
            face=Face(look=(0.25, 0), eyes=_blink(t, 0.4), mouth="o", gape=0.25, brows=-10),
            left=Arm((-55, 8), limb=False, mitt="stop", size=1.05 + 0.5 * push, turn=-8),
            right=Arm((57, 20), bend=3),
            sway=6 * wave(t),
        ),
    )
    _hourglass(c, 158, 138, part(t, 0, 0.78), 180 * over)


def _hourglass(c: Canvas, x: float, y: float, run: float, turn: float) -> None:
    with c.placed((x, y), turn=turn):
        glass = [
            *curve((-17, -28), (-17, -10), (-4, -6), (-3, 0)),
            *curve((-3, 0), (-4, 6), (-17, 10), (-17, 28)),
            *curve((17, 28), (17, 10), (4, 6), (3, 0)),
            *curve((3, 0), (4, -6), (17, -10), (17, -28)),
        ]
        c.shape(glass, fill=WHITE)
        with c.clipped(glass):
            top = -22 + 20 * run
            c.shape([(-20, top), (20, top), (20, -1), (-20, -1)], fill=YELLOW, ink=None)
            if 0 < run < 1:
                c.line([(0, -2), (0, 26)], YELLOW, 2.6)
            heap = 30 - 24 * run**0.7
            c.shape([*curve((-22, 32), (-8, heap), (8, heap), (22, 32))], fill=YELLOW, ink=None)
        for dy in (-31, 31):
            c.shape(rounded(0, dy, 42, 8, 3.6), fill=WOOD)


def hurry(c: Canvas, t: float) -> None:
    """Running as fast as it can."""
    bob = hop(t, 2)
    stage(c, SKY, x=104, wide=40)
    for number, (y, far) in enumerate(((62, 34), (98, 26), (132, 34))):
        u = (t + number * 0.37) % 1
        c.line([(6 + 44 * (1 - u), y), (6 + 44 * (1 - u) + far * (1 - u), y)], WHITE, 4)
    for number in range(3):
        u = (t + number / 3) % 1
        puff(c, 58 - 44 * u, 168 - 8 * u, 9 * (1 - u) ** 0.7)
    angle = 2 * math.pi * t
    feet = tuple(
        (4 + 31 * math.cos(angle + phase), 6 + min(0, -5 + 15 * math.sin(angle + phase))) for phase in (0, math.pi)
    )
    draw_pung(
        c,
        Pose(
            at=(108, 164 - 6 * bob),
            squash=0.03 - 0.06 * bob,
            lean=10,
            face=Face(look=(0.9, 0), mouth="grin", gape=0.6, brows=-14, turn=(11, 0), wide=1.05),
            left=Arm((-52 - 7 * wave(t), 20 + 8 * wave(t)), bend=4, front=False),
            right=Arm((50 + 9 * wave(t), 14 - 12 * wave(t)), bend=7),
            feet=feet,
            sway=-34 + 8 * wave(t, 2),
        ),
    )
    for number in range(2):
        u = (t + number / 2) % 1
        water(c, 74 - 40 * u, 62 - 12 * u + 34 * u * u + 8 * number, 6.5 * (1 - u) ** 0.5, -60)
