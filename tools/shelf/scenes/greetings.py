"""What people say to each other: hello, bye, thanks, sorry, congratulations, cheers, love."""

import math

from tools.shelf.canvas import Canvas
from tools.shelf.face import Face
from tools.shelf.motion import hop, mix, part, slow_end, smooth, spring, track, wave
from tools.shelf.palette import (
    BLUE,
    CORAL,
    CORAL_DEEP,
    CREAM,
    GLOOM,
    INK,
    LILAC,
    PEACH,
    PINK,
    SUN,
    WHITE,
    YELLOW,
    YELLOW_DEEP,
)
from tools.shelf.paths import curve
from tools.shelf.props import letter, paper, rays, small_heart, stage, water
from tools.shelf.pung import Arm, Pose, draw_pung, edge


def hello(c: Canvas, t: float) -> None:
    """A big wave, with a hop of joy."""
    up = hop(t)
    swing = wave(t, 1, 0.25)
    stage(c, SUN, air=10 * up)
    rays(c, (157 + 10 * swing, 74 - 8 * up), 21, 28, (-105, -62, -20), INK, 3)
    draw_pung(
        c,
        Pose(
            at=(96, 173 - 11 * up),
            squash=0.07 - 0.12 * up,
            lean=-3 + 2 * swing,
            face=Face(eyes="happy", mouth="grin", gape=0.9, turn=(3, 0)),
            right=Arm((63 + 9 * swing, -25 - 3 * abs(swing)), bend=9, mitt="open", turn=8 + 22 * swing),
            sway=-11 * swing,
            spring=(2 * up, 3 * up, 2 * up),
        ),
    )


def bye(c: Canvas, t: float) -> None:
    """A handkerchief is waved, and there are tears."""
    swing, late = wave(t), wave(t, 1, -0.14)
    stage(c, LILAC)
    hx, hy = 62 + 9 * swing, -26 - 2 * abs(swing)
    x, y = 99 + hx, 112 + hy
    tip, corner = (x + 8 + 18 * late, y - 42), (x - 22 + 16 * late, y - 32)
    cloth = [
        *curve((x + 5, y), (x + 8, y - 18), (x + 20 + 8 * late, y - 24), tip),
        *curve(tip, (x - 2 + 17 * late, y - 30), (x - 12 + 16 * late, y - 38), corner),
        *curve(corner, (x - 12 + 6 * late, y - 22), (x - 14, y - 10), (x - 5, y)),
    ]
    c.shape(cloth, fill=WHITE)
    c.line(curve((x, y - 8), (x + 2 + 3 * late, y - 18), (x - 2 + 10 * late, y - 26)), INK, 2)
    draw_pung(
        c,
        Pose(
            at=(98, 172),
            lean=3 * swing,
            face=Face(look=(0.2, -0.1), mouth="wavy", brows=-16, wide=1.1, turn=(2, 0)),
            right=Arm((hx, hy), bend=9),
            sway=-9 * late,
        ),
    )
    for number, side in enumerate((-1, 1)):
        u = (t + 0.5 * number) % 1
        water(c, 102 + 27 * side + 2 * swing, 118 + 34 * u, 6 * math.sin(math.pi * min(1, 0.25 + u)) ** 0.5)


def thanks(c: Canvas, t: float) -> None:
    """A deep bow, and hearts."""
    down = track(t, [(0, 0), (0.1, 0), (0.3, 1), (0.62, 1), (0.86, -0.1)])
    stage(c, CREAM)
    for number, (x, y) in enumerate(((30, 66), (168, 62), (24, 112), (178, 108))):
        u = (t + 0.25 * number + 0.4) % 1
        small_heart(c, x, y - 12 * u, 9 * math.sin(math.pi * u), (CORAL_DEEP, CORAL)[number % 2], 12 * wave(u))
    bent = down > 0.35
    draw_pung(
        c,
        Pose(
            squash=0.12 * down,
            face=Face(
                eyes="closed" if bent else "happy",
                mouth="smile" if bent else "grin",
                gape=0.7,
                turn=(0, 17 * down),
                flat=1 - 0.3 * max(down, 0),
                blush=1.1,
            ),
            left=Arm((-9, 29 + 4 * down), limb=False),
            right=Arm((9, 29 + 4 * down), limb=False),
            bow=max(down, 0),
        ),
    )


def sorry(c: Canvas, t: float) -> None:
    """On its knees, with its palms together."""
    rub = wave(t, 2)
    nod = 0.5 + 0.5 * wave(t)
    stage(c, GLOOM, wide=54)
    draw_pung(
        c,
        Pose(
            at=(100, 171),
            squash=0.13 + 0.03 * nod,
            face=Face(eyes="shut", mouth="wavy", brows=-20, lift=-3, turn=(0, -9 + 4 * nod)),
            left=Arm((-6.5, 27 + 3 * rub), limb=False, mitt="palm", turn=9),
            right=Arm((6.5, 27 - 3 * rub), limb=False, mitt="palm", turn=-9),
            feet=((-34, 1), (34, 1)),
            sway=4 * wave(t, 1, -0.15),
            spring=(-2 * nod, -3 * nod, -2 * nod),
        ),
    )
    water(c, 148 + 3 * t, 74 + 26 * t, 8.5 * math.sin(math.pi * min(1, t + 0.12)) ** 0.6, -14)
    u = (t + 0.5) % 1
    water(c, 50 - 3 * u, 80 + 22 * u, 6.5 * math.sin(math.pi * u) ** 0.6, 14)


def congratulations(c: Canvas, t: float) -> None:
    """A popper goes off: ㅊㅋㅊㅋ."""
    bang = part(t, 0.14, 0.3)
    ready = smooth(part(t, 0, 0.14)) * (1 - bang)
    kick = bang * (1 - smooth(part(t, 0.3, 0.62)))
    calm = 1 - smooth(part(t, 0.88, 1))
    stage(c, PEACH)
    if bang:
        _burst(c, t)
    for number, sign in enumerate("ㅊㅋㅊㅋ"):
        rise = spring(part(t, 0.14 + 0.05 * number, 0.4 + 0.05 * number)) * (1 - part(t, 0.9, 1) ** 2)
        x, y = 34 + 44 * number, 34 - 10 * math.sin(math.pi * (number + 0.5) / 4)
        letter(c, sign, x, y, 14 * rise, (YELLOW, WHITE)[number % 2], turn=-12 + 8 * number, thick=0.46)
    draw_pung(
        c,
        Pose(
            at=(90, 175),
            squash=0.13 * ready - 0.08 * kick,
            lean=3 * ready - 5 * kick,
            size=0.92,
            face=Face(eyes="happy" if bang else "shut", mouth="grin" if bang else "wavy", gape=0.8 + 0.25 * kick),
            left=Arm((-58, mix(22, -24, slow_end(bang) * calm)), bend=8),
            right=Arm((49, 8 - 6 * kick), bend=8),
            sway=8 * ready - 16 * kick,
            spring=(5 * kick, 7 * kick, 5 * kick),
        ),
    )
    with c.placed((140 + 3 * kick, 111 - 8 * kick + 5 * ready), turn=34 - 12 * kick):
        cone = [(-4.0, 18.0), (4.0, 18.0), (14.0, -13.0), (-14.0, -13.0)]
        c.shape(cone, fill=YELLOW)
        with c.clipped(cone):
            c.line([(-14, 4), (14, -8)], CORAL, 5)
            c.line([(-14, 18), (14, 6)], CORAL, 5)
        c.dot(0, -13, 14, 4.6, fill=WHITE)
        c.dot(0, 11, 8.5, fill=BLUE)


def _burst(c: Canvas, t: float) -> None:
    out = slow_end(part(t, 0.14, 0.5))
    fall = part(t, 0.24, 1)
    for number in range(14):
        angle = math.radians(-168 + 150 * (number * 0.618 % 1))
        far = 44 + 60 * (number * 0.2897 % 1)
        x = 150 + far * out * math.cos(angle)
        paper(c, number, x, 92 + far * out * math.sin(angle) + 150 * fall**2, number * 60 + 400 * t)


def cheer(c: Canvas, t: float) -> None:
    """화이팅! A headband, fire behind, and the fist goes up."""
    punch = track(t, [(0, 1), (0.35, 1), (0.6, 0), (0.8, -0.3)])
    up = max(punch, 0.0)
    shake = wave(t, 5) * (1 if t < 0.35 else 0)
    stage(c, SUN)
    for colour, size in ((CORAL, 1.0), (YELLOW_DEEP, 0.76)):
        _flame(c, t, size, colour)

    def headband(c: Canvas) -> None:
        with c.clipped(edge()):
            c.tube(curve((-60, -20), (-20, -31), (20, -31), (60, -20)), fill=CORAL_DEEP, width=9, line=3)
        c.dot(0, -28.5, 6.5, fill=WHITE, width=3)
        for dy, far in ((-3, 25), (8, 20)):
            flap = 4 * wave(t, 3, dy / 20)
            c.tube(curve((45, -24), (56, -26 + dy + flap), (50 + far, -20 + dy - flap)), fill=CORAL_DEEP, width=5)
        c.dot(46, -23, 5, fill=CORAL_DEEP, width=3)

    draw_pung(
        c,
        Pose(
            at=(98 + 1.5 * shake, 174 - 5 * up),
            squash=0.3 * max(-punch, 0) - 0.06 * up,
            lean=-3 * up,
            face=Face(look=(0.1, -0.2), brows=20, lift=-6, mouth="grin", gape=0.3 + 0.7 * up, turn=(0, 4)),
            left=Arm((-58, 8), bend=8, mitt="fist"),
            right=Arm((mix(60, 62, up), mix(8, -42, up)), bend=11, mitt="fist"),
            sway=-8 * punch,
            spring=(4 * up, 5 * up, 4 * up),
            wears=headband,
        ),
    )


def _flame(c: Canvas, t: float, size: float, colour: str) -> None:
    """Tongues of fire side by side, each licking in its own time."""
    tongues = []
    for number, (x, wide, high) in enumerate(
        ((-54, 38, 108), (-30, 40, 136), (30, 44, 146), (2, 50, 166), (58, 36, 112))
    ):
        top = -high - 7 * wave(t, 1, number * 0.27)
        tip = (x + 9 * wave(t, 1, number * 0.41), top)
        left = curve((x - wide * 0.7, 0), (x - wide * 1.5, top * 0.5), (x - wide * 0.5, top * 0.62), tip)
        right = curve(tip, (x + wide * 0.1, top * 0.85), (x + wide * 1.45, top * 0.5), (x + wide * 0.7, 0))
        tongues.append([(100 + size * px, 178 + size * py) for px, py in (*left, *right)])
    c.shape(*tongues, fill=colour, ink=None)


def love(c: Canvas, t: float) -> None:
    """A big heart that beats."""
    beat = max(0.0, wave(t, 2, 0.2)) ** 2
    stage(c, PEACH)
    for number, (x, size) in enumerate(((30, 10), (170, 12), (52, 8), (150, 8))):
        u = (t + number * 0.27) % 1
        small_heart(c, x + 4 * wave(u), 108 - 88 * u, size * math.sin(math.pi * u) ** 0.6, CORAL_DEEP, 14 * wave(u))
    draw_pung(
        c,
        Pose(
            squash=0.05 * beat,
            face=Face(eyes="happy", mouth="cat", blush=1.2, turn=(0, -14), cheek=PINK),
            left=None,
            right=None,
            spring=(2 * beat, 3 * beat, 2 * beat),
        ),
    )
    small_heart(c, 100, 149, 24 + 4 * beat)
    for side in (-1, 1):
        c.dot(100 + side * (26 + 3 * beat), 147, 9.5, fill=BLUE)
