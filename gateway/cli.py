"""`viva serve`: the server on this machine, until it is interrupted."""

from __future__ import annotations

import argparse
import asyncio
import signal
import ssl
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import uvloop
from pydantic import ValidationError
from rich.console import Console
from rich.panel import Panel

from gateway import logs
from gateway.operations import where
from gateway.server import Server
from gateway.settings import Settings
from gateway.tls import lan_addresses
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
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(settings, console))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="viva", description="Self-hosted real-time AI interviews.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the server until it is interrupted")
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1; 0.0.0.0 for the LAN)")
    serve.add_argument("--port", type=int, help="default 8080")
    serve.add_argument("--tls", metavar="self-signed|CERT,KEY", help="certificate and key as PEM files")
    serve.add_argument("--config", type=Path, metavar="FILE", help="default viva.toml where there is one")
    return parser


async def _serve(settings: Settings, console: Console) -> int:
    stop = asyncio.Event()
    _stop_on_signals(stop)
    server = Server(settings)
    try:
        await server.start()
    except (StorageError, OSError, ssl.SSLError) as error:
        console.print(f"[red]The server cannot start:[/] {error}", highlight=False)
        return 1
    _announce(server, console)
    try:
        ready = asyncio.create_task(_ready(server, stop, console))
        await stop.wait()
        ready.cancel()
        console.print("Stopping: live sessions are ended and kept …", highlight=False)
    finally:
        await server.stop()
    return 0


def _announce(server: Server, console: Console) -> None:
    """Where people go. The token travels in the fragment, which no server and no log ever sees."""
    urls = [server.settings.public_url.rstrip("/")] if server.settings.public_url else [server.url]
    if server.settings.host in ("0.0.0.0", "::") and not server.settings.public_url:  # noqa: S104
        scheme, port = server.url.split(":")[0], server.url.rsplit(":", 1)[1]
        urls += [f"{scheme}://{a if ':' not in a else f'[{a}]'}:{port}" for a in lan_addresses()]
    lines = [f"HR 面试官    {url}/hr#t={server.api_token}" for url in urls]
    lines.append(f"API          {urls[0]}/openapi.json")
    if not server.url.startswith("https") and len(urls) > 1:
        lines.append("Other devices get no camera without TLS: start with --tls self-signed")
    # Plain print: a console narrower than a token must not break the address.
    console.print(Panel.fit("Viva", subtitle="starting the models …"), highlight=False)
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def stopping() -> None:
        signal.alarm(0)  # Ray's own handler, where it came first, would abort the process in three seconds
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping)


async def _ready(server: Server, stop: asyncio.Event, console: Console) -> None:
    await server.service.shared.ready.wait()
    _stop_on_signals(stop)  # again: starting Ray has replaced the handler of SIGTERM
    console.print("[green]Ready[/]: create a session on the HR page and open its candidate link.")


if __name__ == "__main__":
    sys.exit(main())
