"""gifchat.py that tells on SIGUSR1 how many tasks it has, in the file `watched` in its data folder."""

import asyncio
import gc
import signal

import gifchat
from options import Config

FILE = "watched"


async def run(config: Config) -> None:
    """Serve as usual."""

    def tell() -> None:
        gc.collect()
        written = config.data / f"{FILE}.new"
        written.write_text(str(len(asyncio.all_tasks())))
        written.replace(config.data / FILE)

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, tell)
    await gifchat.run(config)


if __name__ == "__main__":
    gifchat.main(run)
