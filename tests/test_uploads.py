"""The image folder: whole files under generated names, and nothing else."""

import asyncio
import errno
import os
import re
from pathlib import Path

import pytest

from db.uploads import WRITE_BYTES, Uploads
from realtime.chat.model import IMAGE_FILE
from realtime.errors import NotFound, StartError, Storage
from tests.conftest import ExpectLog


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "uploads")


def names(uploads: Uploads) -> list[str]:
    return sorted(path.name for path in uploads.folder.iterdir())


async def test_an_image_is_stored_whole_under_a_generated_name(uploads: Uploads) -> None:
    draft = uploads.draft()
    pieces = [os.urandom(size) for size in (1, WRITE_BYTES, 0, 3 * WRITE_BYTES, 17)]
    for piece in pieces:
        await draft.write(piece)
    whole = b"".join(pieces)
    assert draft.size_bytes == len(whole)
    assert (await draft.written()).read_bytes() == whole
    name = await draft.keep("gif", moving=False)
    assert re.fullmatch(IMAGE_FILE, name)
    assert names(uploads) == [name]
    assert (uploads.folder / name).read_bytes() == whole


async def test_generated_names_are_unique(uploads: Uploads) -> None:
    kept = set()
    for _ in range(50):
        draft = uploads.draft()
        await draft.write(b"the same")
        kept.add(await draft.keep("png", moving=False))
    assert len(kept) == 50


async def test_an_image_is_synced_before_it_is_renamed(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[list[str]] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append([Path(name).suffix for name in names(uploads)])
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    draft = uploads.draft()
    await draft.write(b"x")
    await draft.keep("webp", moving=False)
    assert synced == [[".part"], [".webp"]]  # the file before the rename, the folder after it


async def test_a_poster_is_stored_and_discarded_with_its_image(uploads: Uploads) -> None:
    def poster_of(part: Path) -> Path:
        return part.with_suffix(".poster.part")

    kept, discarded = uploads.draft(), uploads.draft()
    for draft in (kept, discarded):
        await draft.write(b"x")
        poster_of(await draft.written()).write_bytes(b"still")
    name = await kept.keep("webp", moving=True)
    kept.discard()
    discarded.discard()
    poster = name.replace(".webp", ".poster.webp")
    assert names(uploads) == sorted([name, poster])
    assert (uploads.folder / poster).read_bytes() == b"still"
    assert await uploads.has([name, poster])
    assert await uploads.remove([name, poster, "gone.gif"]) == set()
    assert not await uploads.has([name])


async def test_a_copied_file_is_stored_like_an_uploaded_one(uploads: Uploads, tmp_path: Path) -> None:
    (tmp_path / "hello.gif").write_bytes(b"hello")
    draft = uploads.draft()
    await draft.copy(tmp_path / "hello.gif")
    assert (await draft.written()).read_bytes() == b"hello"
    name = await draft.keep("gif", moving=False)
    assert (uploads.folder / name).read_bytes() == b"hello"
    for missing in (tmp_path / "bye.gif", tmp_path):
        with pytest.raises(NotFound):
            await uploads.draft().copy(missing)


async def test_a_discarded_draft_leaves_nothing(uploads: Uploads) -> None:
    for size in (0, 1, WRITE_BYTES + 1):
        draft = uploads.draft()
        await draft.write(b"x" * size)
        draft.discard()
        draft.discard()
    assert names(uploads) == []


async def test_a_draft_discarded_during_a_write_leaves_nothing(uploads: Uploads) -> None:
    draft = uploads.draft()
    await draft.write(b"x" * WRITE_BYTES)
    writing = asyncio.ensure_future(draft.write(b"x" * 50 * WRITE_BYTES))
    await asyncio.sleep(0)
    draft.discard()
    await asyncio.gather(writing, return_exceptions=True)
    assert names(uploads) == []
    with pytest.raises(Storage):
        await draft.write(b"x" * WRITE_BYTES)
    assert names(uploads) == []


async def test_a_full_disk_raises_storage_and_leaves_nothing(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    expect_log("gifchat.db", "No space left")
    monkeypatch.setattr(os, "fsync", full)
    draft = uploads.draft()
    await draft.write(b"x")
    with pytest.raises(Storage):
        await draft.keep("gif", moving=False)
    assert names(uploads) == []


async def test_a_rename_that_cannot_be_synced_leaves_nothing(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if [path.suffix for path in uploads.folder.iterdir()] == [".gif"]:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(descriptor)

    expect_log("gifchat.db", "Input/output error")
    monkeypatch.setattr(os, "fsync", fsync)
    draft = uploads.draft()
    await draft.write(b"x")
    with pytest.raises(Storage):
        await draft.keep("gif", moving=False)
    assert names(uploads) == []


async def test_a_missing_folder_raises_storage(uploads: Uploads, expect_log: ExpectLog) -> None:
    expect_log("gifchat.db", "No such file")
    uploads.folder.rmdir()
    draft = uploads.draft()
    with pytest.raises(Storage):
        await draft.write(b"x" * WRITE_BYTES)
    draft.discard()


async def test_images_are_removed_and_missing_ones_skipped(uploads: Uploads) -> None:
    kept = []
    for _ in range(3):
        draft = uploads.draft()
        await draft.write(b"x")
        kept.append(await draft.keep("gif", moving=False))
    await uploads.remove([kept[0], f"{'0' * 32}.gif", kept[1]])
    assert names(uploads) == [kept[2]]


async def test_the_sweep_removes_orphans_and_leaves_foreign_files(uploads: Uploads) -> None:
    recorded = [f"{'a' * 32}.gif", f"{'a' * 32}.poster.webp"]
    orphans = [f"{'b' * 32}.png", f"{'b' * 32}.poster.webp", f"{'c' * 32}.part", f"{'c' * 32}.poster.part"]
    foreign = ["README", "cat.gif", ".gitkeep", f"{'d' * 32}.gif.bak", "cat.part", f"{'d' * 32}.poster.webp.bak"]
    for name in (*recorded, *orphans, *foreign):
        (uploads.folder / name).write_bytes(b"x")
    assert await uploads.sweep({*recorded, f"{'e' * 32}.gif"}) == len(orphans)
    assert names(uploads) == sorted([*recorded, *foreign])


async def test_an_existing_folder_is_used_unchanged(uploads: Uploads) -> None:
    (uploads.folder / "cat.gif").write_bytes(b"x")
    assert names(Uploads(uploads.folder)) == ["cat.gif"]


@pytest.mark.parametrize(("number", "starts"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EROFS, False)])
def test_a_full_disk_allows_a_start_and_a_read_only_one_does_not(
    number: int, starts: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def touch(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "touch", touch)
    if starts:
        Uploads(tmp_path)
    else:
        with pytest.raises(StartError, match=r"cannot write to the folder .*: Read-only file system"):
            Uploads(tmp_path)
    assert list(tmp_path.iterdir()) == []


async def test_drafts_share_a_bounded_space_and_release_it_once(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, draft_bytes=100)
    first, second = uploads.draft(), uploads.draft()
    await first.write(bytes(60))
    with pytest.raises(Storage) as refused:
        await second.write(bytes(41))
    assert refused.value.detail == {"reason": "quota"}
    await second.write(bytes(40))
    await first.keep("gif", moving=False)
    for _ in range(2):
        first.discard()
        second.discard()
    await uploads.draft().write(bytes(100))
    with pytest.raises(Storage):
        await uploads.draft().write(b"x")
