"""The catalogue of `python -m tests.abuse`, which itself takes minutes."""

import importlib
from collections import Counter

from tests.abuse.__main__ import GROUPS, NAME_WIDTH
from tests.abuse.kinds import CATALOGUE
from tests.conftest import ROOT


def test_every_kind_has_a_name_of_its_own_that_fits_the_table_and_every_group_has_kinds() -> None:
    for group in GROUPS:
        importlib.import_module(f"tests.abuse.{group}")
    assert {name: count for name, count in Counter(kind.name for kind in CATALOGUE).items() if count > 1} == {}
    assert [kind.name for kind in CATALOGUE if len(kind.name) > NAME_WIDTH] == []
    assert {kind.group for kind in CATALOGUE} == set(GROUPS)
    assert {file.stem for file in (ROOT / "tests" / "abuse").glob("*.py")} == {
        *GROUPS,
        *("__init__", "__main__", "bystanders", "kinds", "target"),
    }
