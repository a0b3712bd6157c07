"""`make pictures`: take all pictures of docs/img/ in each language; `python -m tools.pictures room` takes only one."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tools.pictures.scenes import SCENES
from tools.pictures.stage import ROOT, Stage
from tools.pictures.words import WORDS
from tools.pictures.write import webp

FOLDER = ROOT / "docs" / "img"


def take(browser: Browser, names: list[str], folder: Path) -> None:
    """Take the pictures `names` into a folder for each language."""
    for language, words in WORDS.items():
        (folder / language).mkdir(parents=True, exist_ok=True)
        for name in names:
            with Stage(browser, words.locale) as stage:
                picture = webp(SCENES[name](stage, words))
            path = folder / language / f"{name}.webp"
            path.write_bytes(picture)
            print(f"{path.relative_to(ROOT)}: {len(picture) // 1024} KiB")


if __name__ == "__main__":
    chromium = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        take(browser, sys.argv[1:] or list(SCENES), FOLDER)
        browser.close()
