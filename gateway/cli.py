"""`viva serve`: the server on this machine, until it is interrupted."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import ssl
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import uvloop
from pydantic import ValidationError
from rich.console import Console

from gateway import logs
from gateway.announce import announce
from gateway.operations import where
from gateway.ports import Inference, OnGap
from gateway.server import Server
from gateway.settings import Settings
from gateway.supervisor import supervise
from storage.errors import StorageError

CONFIG = Path("viva.toml")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    console = Console(stderr=True)
    try:
        config = options.config or (CONFIG if CONFIG.exists() else None)
        settings = Settings.load(config, host=options.host, port=options.port, tls=options.tls)
    except (OSError, tomllib.TOMLDecodeError) as error:
        console.print(f"[red]The configuration cannot be read:[/] {error}", highlight=False)
        return 2
    except ValidationError as error:
        console.print(f"[red]The configuration is not valid:[/] {where(error)}", highlight=False)
        return 2
    logs.configure(settings.log, settings.log_level)
    count = options.gateways or settings.gateways.count
    if count > 1 and not settings.gateways.reuse_port:
        given = ["--config", str(config)] if config else []
        gateway = [sys.executable, "-m", "gateway.cli", "serve", *given]
        host = [sys.executable, "-m", "gateway.host", *([str(config)] if config else [])]
        return supervise(settings, count, gateway, console, host)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(serve(settings, console))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="viva", description="Self-hosted real-time AI interviews.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the server until it is interrupted")
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1; 0.0.0.0 for the LAN)")
    serve.add_argument("--port", type=int, help="default 8080")
    serve.add_argument("--tls", metavar="self-signed|CERT,KEY", help="certificate and key as PEM files")
    serve.add_argument("--config", type=Path, metavar="FILE", help="default viva.toml where there is one")
    serve.add_argument("--gateways", type=int, metavar="N", help="gateway processes (default 1)")
    return parser


async def serve(
    settings: Settings, console: Console, *, inference: Callable[[OnGap], Inference] | None = None
) -> int:
    """Until a signal, or until it has drained: SIGTERM drains first where another gateway takes over."""
    stop = asyncio.Event()
    server = Server(settings, inference=inference)
    _stop_on_signals(stop, server)
    try:
        await server.start()
    except (StorageError, OSError, ssl.SSLError) as error:
        console.print(f"[red]The server cannot start:[/] {error}", highlight=False)
        return 1
    if not settings.gateways.reuse_port:
        announce(settings, server.url, server.api_token, console)
    try:
        tasks = {
            asyncio.create_task(_ready(server, stop, console)),
            asyncio.create_task(_drained(server, stop)),
        }
        await stop.wait()
        for task in tasks:
            task.cancel()
        console.print("Stopping: live sessions are ended and kept …", highlight=False)
    finally:
        await server.stop()
    return 0


def _stop_on_signals(stop: asyncio.Event, server: Server) -> None:
    loop = asyncio.get_running_loop()
    leaving: set[asyncio.Task[None]] = set()

    def stopping() -> None:
        signal.alarm(0)  # Ray's own handler, where it came first, would abort the process in three seconds
        stop.set()

    def terminating() -> None:
        signal.alarm(0)
        if leaving:
            stop.set()  # asked twice: at once
        leaving.add(asyncio.create_task(_leave(server, stop)))

    loop.add_signal_handler(signal.SIGINT, stopping)
    loop.add_signal_handler(signal.SIGTERM, terminating)


async def _leave(server: Server, stop: asyncio.Event) -> None:
    if server.settings.gateways.drain_s and server.started:
        with contextlib.suppress(StorageError):
            if await server.service.shared.membership.others(taking=True):
                server.service.drain()
                return
    stop.set()


async def _drained(server: Server, stop: asyncio.Event) -> None:
    await server.service.drained.wait()
    stop.set()


async def _ready(server: Server, stop: asyncio.Event, console: Console) -> None:
    await server.service.shared.ready.wait()
    _stop_on_signals(stop, server)  # again: starting Ray has replaced the handler of SIGTERM
    console.print("[green]Ready[/]: create a session on the HR page and open its candidate link.")


if __name__ == "__main__":
    sys.exit(main())
