import re
import sys
from pathlib import Path

import pytest

from handlers import resources
from realtime.chat.images.examiner import Examiner
from realtime.chat.images.model import POSTER_SUFFIX
from tests.conftest import ROOT
from tests.images import encoded


def test_every_resource_path_exists() -> None:
    assert resources.ROOT == ROOT
    assert (resources.STATIC / "css" / "tokens.css").is_file()
    assert (resources.TEMPLATES / "base.html").is_file()
    assert resources.SCHEMA.is_file()
    assert (resources.CLIENT / "socket.io.js").is_file()


def test_a_source_checkout_has_no_build_mark_and_keeps_data_in_its_folder() -> None:
    assert resources.build() is None
    assert resources.default_data(None) == ROOT
    assert resources.described("1.2.3", None) == "1.2.3"


@pytest.mark.parametrize("built", ["binary", "zipapp"])
def test_a_build_names_itself_and_keeps_data_in_the_working_folder(built: str, tmp_path: Path) -> None:
    (tmp_path / resources.MARK).write_text(f"{built}\n", encoding="ascii")
    assert resources.build(tmp_path) == built
    assert resources.default_data(built) == Path("gifchat-data")
    assert re.fullmatch(rf"1\.2\.3 \({built}, Python 3\.\d+\.\d+, \S+ \S+\)", resources.described("1.2.3", built))


async def test_a_hidden_argument_starts_the_image_worker(tmp_path: Path) -> None:
    draft = tmp_path / "image.part"
    draft.write_bytes(encoded("GIF", frames=2))
    examiner = Examiner(tmp_path, command=(sys.executable, str(ROOT / "gifchat.py"), "--image-worker"))
    try:
        assert (await examiner.examine(draft)).extension == "gif"
    finally:
        await examiner.close()
    assert draft.with_suffix(POSTER_SUFFIX).is_file()
