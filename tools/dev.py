"""`make dev`: gifchat with --debug, restarted whenever one of its files changes.

tornado.autoreload runs this script: after an error in a changed file it waits for the next change.
"""

import sys

import psutil
import tornado.autoreload

import gifchat
from handlers.resources import SCHEMA, TEMPLATES
from options import Config


def end_workers() -> None:
    """Kill the image worker: the new server replaces this process and would not know about it."""
    for worker in psutil.Process().children():
        worker.kill()
        worker.wait()


async def run(config: Config) -> None:
    """Serve, and watch the files that are read at startup. Templates are reloaded at each use anyway."""
    for path in (SCHEMA, *TEMPLATES.rglob("*.json")):
        tornado.autoreload.watch(str(path))
    tornado.autoreload.add_reload_hook(end_workers)
    tornado.autoreload.start()
    await gifchat.run(config)


if __name__ == "__main__":
    sys.argv.insert(1, "--debug")
    gifchat.main(run)
