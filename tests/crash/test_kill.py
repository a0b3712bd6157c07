"""Kill -9 under load: acknowledged messages are stored, and everybody receives everything once and in order."""

from pathlib import Path

from tests.crash.storm import Storm


async def test_ten_kills_lose_and_duplicate_nothing(tmp_path: Path) -> None:
    storm = Storm(tmp_path / "data", seed=4)
    await storm.run(rounds=10)
    assert storm.kills >= 10
    assert len(storm.ledger.acknowledged) > 300
    assert len([changes for changes in storm.ledger.changes.values() if changes.rev]) > 50
