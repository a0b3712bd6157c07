"""gifchat: anonymous real-time GIF chat for one LAN.

The command line: reads the Config, and starts and stops the server.
"""

import sys

if __name__ == "__main__" and sys.argv[1:] == ["--image-worker"]:
    # The binary cannot run `python -m`, so it runs itself as the image worker.
    from realtime.chat.images.worker import main as examine_images

    examine_images()

try:
    import asyncio
    import contextlib
    import gc
    import os
    import signal
    from collections.abc import Callable, Coroutine

    from composition import serving
    from handlers import resources
    from handlers.listening import allow_connections
    from importing import import_conversation
    from lan.qr import can_show
    from options import VERSION, Config, fail, read_config, read_dotenv
    from realtime.errors import StartError
    from terminal import logs, streams
    from terminal.browser import open_browser
    from terminal.welcome import welcome
except ImportError as missing:
    package = (missing.name or "").partition(".")[0]
    if package in ("composition", "db", "handlers", "importing", "lan", "options", "realtime", "terminal"):
        sys.exit(f"gifchat: this copy of gifchat is incomplete: {missing}")
    if package in sys.stdlib_module_names:
        sys.exit(f"gifchat: the Python installation is incomplete: {missing}")
    sys.exit(f"gifchat: the package {missing.name} is missing; 'make setup' installs all dependencies into .venv")

STOP_WITHIN_S = 4.0


async def run(config: Config) -> None:
    """Serve until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    async with contextlib.AsyncExitStack() as stack:
        running = await stack.enter_async_context(serving(config))
        collect_less_garbage()
        open_here = running.addresses()
        print(
            f"gifchat {VERSION}",
            welcome(open_here, code=can_show(sys.stdout), desk=running.desk_token),
            sep="\n",
            flush=True,
        )
        if resources.FROZEN:  # otherwise an orphaned server would keep the port and the data
            unpacked = asyncio.create_task(resources.unpacker_ends())
            unpacked.add_done_callback(lambda _: stop.set())
            stack.callback(unpacked.cancel)
        if config.open:
            open_browser(open_here[0].url)
        await stop.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_WITHIN_S):
                await stack.aclose()


def collect_less_garbage() -> None:
    """Have objects loaded so far, which live forever, skipped, and collect less often than every 700 objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 50, 50)


def event_loop() -> asyncio.AbstractEventLoop:
    """Return a uvloop event loop, which is faster, or asyncio's on Windows, which has no uvloop."""
    try:
        import uvloop  # noqa: PLC0415  it may not be installed
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def main(serve: Callable[[Config], Coroutine[object, object, None]] = run) -> None:
    """Parse the command line and run the server with `serve`."""
    streams.prepare()
    config = read_config(sys.argv[1:], os.environ, read_dotenv())
    logs.set_up(config.log_format, debug=config.debug)
    allow_connections()
    try:
        with asyncio.Runner(loop_factory=event_loop) as runner:
            runner.run(serve(config) if config.imports is None else import_conversation(config, config.imports))
    except KeyboardInterrupt:  # the server itself ends without
        fail("interrupted; nothing was imported", status=130)
    except StartError as error:
        fail(str(error), status=1)
    except OSError as error:
        fail(f"{error.filename or config.data}: {error.strerror}", status=1)


if __name__ == "__main__":
    main()
