"""The client against a server on loopback: what it sends, when it asks again, when it gives up."""

from __future__ import annotations

import logging
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from models.llm.backend import BackendFailed, ChatMessage
from models.llm.endpoint import MOST_BYTES, OpenAIEndpoint
from tests.models.llm.scripted import Reply, Scripted, in_turn, scripted, took

SAID: list[ChatMessage] = [
    {"role": "system", "content": "rate"},
    {"role": "user", "content": "<answer 00>\n[1] I wrote a test.\n</answer 00>"},
]
SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
KEY = "not-a-real-key-but-secret"


def endpoint(server: Scripted, **settings: float | str) -> OpenAIEndpoint:
    return OpenAIEndpoint(server.url, "small-instruct", timeout_s=3, **settings)  # type: ignore[arg-type]


def test_it_speaks_the_protocol() -> None:
    with scripted(lambda _: Reply("{}")) as server:
        client = endpoint(server, api_key=KEY, temperature=0.3, max_tokens=321)
        assert client.complete(SAID, SCHEMA, 7) == "{}"
        body, headers = server.asked[0]
        assert server.paths == ["/v1/chat/completions"]
        assert body["model"] == "small-instruct"
        assert (body["messages"], body["seed"], body["temperature"]) == (SAID, 7, 0.3)
        assert body["max_tokens"] == 321
        assert body["response_format"]["json_schema"]["schema"] == SCHEMA
        assert headers["authorization"] == f"Bearer {KEY}"
        assert client.name == f"small-instruct@{server.url.split('/')[2]}"
        client.close()


def test_an_address_without_a_path_stands_for_v1() -> None:
    with scripted(lambda _: Reply("{}")) as server:
        OpenAIEndpoint(server.url.removesuffix("/v1"), "m").complete(SAID, SCHEMA, 0)
        assert server.paths == ["/v1/chat/completions"]


def test_a_server_without_schemas_is_asked_for_json_and_that_is_remembered() -> None:
    def script(prompt: object) -> Reply:
        form = prompt.body.get("response_format", {}).get("type")  # type: ignore[attr-defined]
        return Reply("{}") if form == "json_object" else Reply(status=400, raw=b"unknown response_format")

    with scripted(script) as server:
        client = endpoint(server)
        assert [client.complete(SAID, SCHEMA, n) for n in (0, 1)] == ["{}", "{}"]
        forms = [body.get("response_format", {}).get("type") for body, _ in server.asked]
        assert forms == ["json_schema", "json_object", "json_object"]


def test_one_that_knows_neither_is_asked_plainly() -> None:
    with scripted(lambda p: Reply(status=422) if "response_format" in p.body else Reply("{}")) as server:
        assert endpoint(server).complete(SAID, SCHEMA, 0) == "{}"


def test_a_prompt_that_is_refused_does_not_change_how_the_next_is_asked() -> None:
    too_long = Reply(status=400, raw=b"context length exceeded")
    with scripted(in_turn(too_long, too_long, too_long, Reply("{}"))) as server:
        client = endpoint(server)
        with pytest.raises(BackendFailed, match="status 400"):
            client.complete(SAID, SCHEMA, 0)
        client.complete(SAID, SCHEMA, 1)
        assert server.asked[-1][0]["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize("told", ["1", "date"])
def test_a_busy_server_is_asked_again_when_it_says(told: str) -> None:
    if told == "date":
        told = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    with scripted(in_turn(Reply(status=429, headers={"Retry-After": told}), Reply("{}"))) as server:
        assert 0.7 < took(lambda: endpoint(server).complete(SAID, SCHEMA, 0)) < 2.9
        assert len(server.asked) == 2


def test_one_that_wants_to_be_left_alone_for_long_is() -> None:
    with scripted(lambda _: Reply(status=429, headers={"Retry-After": "3600"})) as server:
        with pytest.raises(BackendFailed, match="status 429"):
            endpoint(server).complete(SAID, SCHEMA, 0)
        assert len(server.asked) == 1


def test_errors_of_the_server_are_tried_so_often_and_no_more() -> None:
    with scripted(in_turn(Reply(status=500), Reply(status=503), Reply("{}"))) as server:
        assert endpoint(server).complete(SAID, SCHEMA, 0) == "{}"
    with scripted(lambda _: Reply(status=500)) as server:
        with pytest.raises(BackendFailed, match="status 500"):
            endpoint(server, attempts=2).complete(SAID, SCHEMA, 0)
        assert len(server.asked) == 2


def test_a_wrong_key_is_not_tried_again() -> None:
    with scripted(lambda _: Reply(status=401)) as server:
        with pytest.raises(BackendFailed, match="status 401"):
            endpoint(server).complete(SAID, SCHEMA, 0)
        assert len(server.asked) == 1


@pytest.mark.parametrize("slow", [Reply("{}", hang_s=30), Reply("{}", drip_s=0.2)])
def test_time_runs_out_for_one_that_hangs_or_drips(slow: Reply) -> None:
    def fails(client: OpenAIEndpoint) -> None:
        with pytest.raises(BackendFailed):
            client.complete(SAID, SCHEMA, 0)

    with scripted(lambda _: slow) as server:
        client = OpenAIEndpoint(server.url, "m", timeout_s=1)
        assert took(lambda: fails(client)) < 2.5


def test_a_huge_body_is_not_read_to_its_end() -> None:
    told = pytest.raises(BackendFailed, match=f"more than {MOST_BYTES} bytes")
    with scripted(lambda _: Reply(raw=b" " * 40 * MOST_BYTES)) as server, told:
        endpoint(server).complete(SAID, SCHEMA, 0)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no json",
        b"[]",
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": null}}]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_completion_fails(raw: bytes) -> None:
    with scripted(lambda _: Reply(raw=raw)) as server, pytest.raises(BackendFailed):
        endpoint(server).complete(SAID, SCHEMA, 0)


def test_words_and_key_go_nowhere_else() -> None:
    with scripted(lambda _: Reply("{}")) as other:
        moved = Reply(status=307, headers={"Location": f"{other.url}/chat/completions"})
        with scripted(lambda _: moved) as server, pytest.raises(BackendFailed, match="status 307"):
            endpoint(server, api_key=KEY).complete(SAID, SCHEMA, 0)
        assert other.asked == []


def test_nobody_there_fails_in_time() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = OpenAIEndpoint(f"http://127.0.0.1:{port}/v1", "m", timeout_s=2, attempts=2)
    with pytest.raises(BackendFailed, match="ConnectError"):
        client.complete(SAID, SCHEMA, 0)


def test_neither_key_nor_answer_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    script = in_turn(Reply(status=500), Reply(status=401))
    with scripted(script) as server, pytest.raises(BackendFailed) as failed:
        endpoint(server, api_key=KEY).complete(SAID, SCHEMA, 0)
    told = caplog.text + str(failed.value) + repr(failed.value)
    assert KEY not in told
    assert "I wrote a test" not in told


@pytest.mark.parametrize(
    "base", ["ftp://host/v1", "host/v1", "http://user:pass@host/v1", "https://host/v1?key=1", ""]
)
def test_an_address_that_is_none_is_refused(base: str) -> None:
    with pytest.raises(ValueError, match="endpoint"):
        OpenAIEndpoint(base, "m")
