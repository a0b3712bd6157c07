"""The catalogue: how a kind of abuse is declared."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from tests.abuse.target import Target

Attack = Callable[[Target], Awaitable[None]]


class Kind(NamedTuple):
    """A kind of abuse. `expected`: what may be in the log; without `bystanders` the attack ends or stops the server."""

    group: str
    name: str
    attack: Attack
    expected: str | None
    bystanders: bool


CATALOGUE: list[Kind] = []


def kind(
    name: str, *, group: str | None = None, expected: str | None = None, bystanders: bool = True
) -> Callable[[Attack], Attack]:
    """Add a function to the catalogue; its module is its group, if none is given."""

    def add(attack: Attack) -> Attack:
        of = group or attack.__module__.rpartition(".")[2]
        CATALOGUE.append(Kind(of, name, attack, expected, bystanders))
        return attack

    return add
