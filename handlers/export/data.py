"""A conversation as JSON Lines (realtime/chat/saved.py), written piece by piece."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

from handlers.export.pictures import encoded, opened
from realtime.chat import saved
from realtime.chat.export import Conversation
from realtime.chat.model import timestamp


async def write(conversation: Conversation, folder: Path) -> AsyncIterator[bytes]:
    """Yield the file; `folder` is that of the images. Raises what `Conversation.pages` raises."""
    yield saved.line(saved.Opening(conversation.room, timestamp(int(time.time() * 1000))))
    written: set[str] = set()
    records = images = 0
    async for page in conversation.pages():
        for record in page:
            if record.gif is not None and record.gif not in written:
                written.add(record.gif)
                file = await opened(folder / record.gif)
                if file is not None:
                    images += 1
                    yield saved.image_head(record.gif)
                    async for piece in encoded(file):
                        yield piece
                    yield saved.IMAGE_TAIL
            records += 1
            yield saved.line(record)
    for entry in await conversation.log():
        yield saved.line(saved.DeskLine(dict(entry)))
    yield saved.line(saved.Closing(saved.Counts(records, images)))
