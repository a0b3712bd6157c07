"""Drops, stalls and cuts in the middle of a frame: the official client loses and duplicates nothing."""

from pathlib import Path

from tests.crash.bad_network import BadNetwork
from tests.crash.proxy import Fault


async def test_a_bad_network_loses_and_duplicates_nothing(tmp_path: Path, node: str) -> None:
    network = BadNetwork(tmp_path / "data", node, seed=4)
    await network.run(seconds=15, acknowledged=200)
    assert set(network.faults) == set(Fault), network.faults
