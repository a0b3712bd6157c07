"""The picker of reactions offers what the server takes, and nothing else."""

import json
import subprocess

from realtime.chat import policy
from tests.conftest import ROOT

OFFERED = """
import { readFileSync } from "node:fs";
import { parse, TONES, toned } from "./static/js/room/emoji/catalogue.js";
const offered = ["ko", "en"].map((lang) =>
  parse(JSON.parse(readFileSync(`static/emoji/${lang}.json`, "utf8"))).flat().flatMap(({ emoji, tones }) =>
    [emoji, ...(tones ? TONES.map((tone) => toned(emoji, tone)) : [])]));
console.log(JSON.stringify(offered));
"""


def test_the_server_accepts_each_emoji_that_the_picker_offers(node: str) -> None:
    """With the page's own code: in each skin tone."""
    program = [node, "--input-type=module", "--eval", OFFERED]
    ended = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=60, check=True)
    korean, english = json.loads(ended.stdout)
    assert korean == english
    assert len(korean) == len(set(korean)) > 3500
    assert [emoji for emoji in korean if emoji not in policy.emoji()] == []


def test_the_data_of_a_language_stays_small() -> None:
    """It is loaded over the classroom's network when the picker is first opened."""
    for lang in ("ko", "en"):
        assert (ROOT / "static" / "emoji" / f"{lang}.json.gz").stat().st_size < 45_000
