"""A server on loopback that speaks OpenAI's chat completions and says what a script tells it to."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_LINE = re.compile(r"^\[(\d+)\] (.*)$", re.MULTILINE)
_SCALE = re.compile(r"^- (\S+): ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a rating model reads out of a request."""

    body: dict[str, Any]

    @property
    def text(self) -> str:
        return str(self.body["messages"][1]["content"])

    @property
    def scales(self) -> list[str]:
        return _SCALE.findall(self.text)

    @property
    def sentences(self) -> dict[int, str]:
        nonce = re.search(r"<answer (\w+)>", self.text)
        assert nonce is not None
        inner = self.text.split(nonce.group(), 1)[1].split(f"</answer {nonce.group(1)}>", 1)[0]
        return {int(number): text for number, text in _LINE.findall(inner)}


@dataclass(frozen=True, slots=True)
class Reply:
    """`content` in a completion, or `raw` as the whole body; `hang_s` before it, `drip_s` between bytes."""

    content: str = ""
    status: int = 200
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    hang_s: float = 0.0
    drip_s: float = 0.0

    def bytes(self) -> bytes:
        if self.raw is not None:
            return self.raw
        message = {"role": "assistant", "content": self.content}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return json.dumps({"id": "c", "object": "chat.completion", "choices": [choice]}).encode()


Script = Callable[[Prompt], Reply]


class Scripted:
    """`asked`: the bodies and headers of all requests, in their order."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[tuple[dict[str, Any], dict[str, str]]] = []
        self.paths: list[str] = []
        self.stopped = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                body = json.loads(self.rfile.read(length))
                outer.asked.append((body, {k.lower(): v for k, v in self.headers.items()}))
                outer.paths.append(self.path)
                outer._answer(self, outer.script(Prompt(body)))

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def _answer(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        self.stopped.wait(reply.hang_s)
        body = reply.bytes()
        try:
            handler.send_response(reply.status)
            handler.send_header("Content-Length", str(len(body)))
            for name, value in reply.headers.items():
                handler.send_header(name, value)
            handler.end_headers()
            for start in range(0, len(body), 1) if reply.drip_s else (0,):
                handler.wfile.write(body[start : start + 1] if reply.drip_s else body)
                handler.wfile.flush()
                if reply.drip_s and self.stopped.wait(reply.drip_s):
                    return
        except (BrokenPipeError, ConnectionResetError):
            pass  # who asked has gone

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def scripted(script: Script) -> Iterator[Scripted]:
    server = Scripted(script)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(5)


def judged(
    prompt: Prompt,
    level: int | Callable[[str], int] = 3,
    quote: Callable[[int, str], str] = lambda number, sentence: sentence,
    asides: tuple[int, ...] = (),
) -> Reply:
    """A proper rating: each scale at `level`, quoting the first sentence."""
    number, sentence = next(iter(prompt.sentences.items()))
    found = []
    for scale in prompt.scales:
        at = level if isinstance(level, int) else level(scale)
        found.append(
            {"of": scale, "level": at, "evidence": [{"sentence": number, "quote": quote(number, sentence)}]}
        )
    return Reply(json.dumps({"judgements": found, "to_the_rater": list(asides)}, ensure_ascii=False))


def in_turn(*replies: Reply | Script) -> Script:
    """One after the other, the last for ever."""
    left = list(replies)
    lock = threading.Lock()

    def script(prompt: Prompt) -> Reply:
        with lock:
            one = left.pop(0) if len(left) > 1 else left[0]
        return one if isinstance(one, Reply) else one(prompt)

    return script


def took(call: Callable[[], object]) -> float:
    began = time.monotonic()
    call()
    return time.monotonic() - began
