"""One declared operation of the HTTP API: who may call it, what it takes, what it gives.

The router, the validation and the OpenAPI document are all made from these declarations.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

from aiohttp import web
from pydantic import BaseModel, ValidationError

from gateway.auth import Person, Principal, bearer
from gateway.field_reasons import field_reasons
from gateway.problems import Problem
from gateway.proxy import FOR, SCHEME
from gateway.service import Service
from interviews.roles import HEAD, Permission, allows, own_results_only
from storage.sessions import SessionRow

# open: nobody is asked. any: any valid token. read: candidate or HR of the session. hr, candidate: that side.
# watch: HR, or who may only watch. operator: the API token, which may also do whatever HR may.
# link: HR, or whoever holds a signed link. person: whoever signed in, whatever their role.
# To all but `open`, `candidate` and `person` come people whose role allows what the operation needs.
Access = Literal["open", "any", "read", "hr", "candidate", "watch", "operator", "link", "person"]
PATH_PART = re.compile(r"[A-Za-z0-9_-]{1,64}")
MAX_BODY = 256 * 1024
BODY = web.RequestKey("body", bytes)  # read already, before it was clear who would answer
TOKEN_PROTOCOL = "bearer."  # noqa: S105


@dataclass(frozen=True, slots=True)
class Body:
    media_type: str
    model: type[BaseModel] | None = None  # None: text
    max_bytes: int = MAX_BODY
    also: tuple[str, ...] = ()  # other media types
    binary: bool = False  # bytes instead of text
    strict: bool = False  # 0 is no boolean and "1" no number, as the OpenAPI document says


@dataclass(frozen=True, slots=True)
class Reply:
    description: str
    model: type[BaseModel] | None = None
    media_type: str | None = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    """One request after it was let in and validated."""

    request: web.Request
    service: Service
    principal: Principal
    query: Any
    body: Any
    shows_results: bool = True  # false: a person who may watch, but not read what was scored

    @property
    def person(self) -> Person | None:
        """Who signed in; None for a token."""
        return self.principal.person

    @property
    def origin(self) -> str:
        """Scheme and authority as the client has them, also where another gateway passed the request on."""
        url = self.request.url
        scheme = self.request.headers.get(SCHEME) if FOR in self.request.headers else None
        return str((url.with_scheme(scheme) if scheme in ("http", "https") else url).origin())

    @property
    def session(self) -> str:
        return self.request.match_info["id"]

    @property
    def is_candidate(self) -> bool:
        return self.principal.role == "candidate"


@dataclass(frozen=True, slots=True)
class Operation:
    """`handler` returns a model (sent with the first of `replies`) or a response of its own."""

    method: str
    path: str
    id: str
    summary: str
    access: Access
    handler: Callable[[Call], Awaitable[BaseModel | web.StreamResponse]]
    replies: Mapping[int, tuple[Reply, ...]]
    problems: tuple[str, ...] = ()
    query: type[BaseModel] | None = None
    body: Body | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    tag: str = "sessions"
    creates: bool = False  # a gateway that drains leaves it to others
    needs: Permission | None = None  # what a person who signed in must be allowed to do; None: not for people
    audits: bool = False  # each call by anybody but the candidate is on the audit trail before it is answered
    polled: bool = (
        False  # pages ask for it every few seconds: audited once per person in people.audit_lists_s
    )

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        service = request.app[SERVICE]
        if not all(PATH_PART.fullmatch(part) for part in request.match_info.values()):
            raise Problem("request.not-found")
        principal = await self._let_in(request, service)
        row = await self._session_of(request, service, principal)
        answer = await self._elsewhere(request, service)
        if answer is not None:
            return answer
        call = Call(request, service, principal, self._query(request), await self._body(request))
        call.shows_results = reads_results(principal, row)
        if principal.person is not None:
            named = {getattr(part, "branch", None) for part in (call.query, call.body)} - {None}
            if not named <= principal.person.reach:
                raise Problem("token.forbidden")
        if self.audits and principal.role != "candidate" and "link" not in request.query:
            note = service.desk.note_poll if self.polled else service.desk.note
            await note(request, principal, self.id, session=row, subject=_subject(request))
        result = await self.handler(call)
        if isinstance(result, BaseModel):
            return web.Response(
                status=next(iter(self.replies)),
                text=result.model_dump_json(),
                content_type="application/json",
            )
        return result

    async def _elsewhere(self, request: web.Request, service: Service) -> web.StreamResponse | None:
        """The answer of the gateway that this is for; None where it is this one."""
        if self.access == "open":
            return None
        session, gateway = request.match_info.get("id"), request.match_info.get("gateway")
        if gateway is not None:
            return await service.proxy.named(request, gateway)
        if session is None and not (self.creates and service.shared.membership.draining):
            return None
        body = await read_body(request, self.body.max_bytes) if self.body else None
        if session is None:
            return await service.proxy.anybody(request, body)
        return await service.proxy.session(request, session, body)

    async def _session_of(
        self, request: web.Request, service: Service, principal: Principal
    ) -> SessionRow | None:
        """The session that is asked for, where the person may have it or the trail must name its branch.

        Raises Problem session.unknown, token.forbidden; StorageError.
        """
        id_ = request.match_info.get("id")
        if id_ is None or not (self.audits or principal.person) or principal.role == "candidate":
            return None
        row = await service.registry.row(id_)
        person = principal.person
        if person is None:
            return row
        if (row.branch or HEAD) not in person.reach or (
            self.needs == "results.read" and not reads_results(principal, row)
        ):
            await self._refuse(request, service, principal, row)
        return row

    async def _refuse(
        self, request: web.Request, service: Service, principal: Principal, row: SessionRow | None
    ) -> NoReturn:
        if self.audits:
            await service.desk.note(
                request, principal, self.id, session=row, subject=_subject(request), outcome="refused"
            )
        raise Problem("token.forbidden")

    async def _let_in(self, request: web.Request, service: Service) -> Principal:
        if self.access == "open":
            return Principal("candidate", "")
        if self.access == "link" and "link" in request.query:
            link = service.tokens.check_link(request.query["link"])
            if link.session != request.match_info.get("id"):
                raise Problem("token.forbidden")
            return Principal(link.role, link.session)
        token = bearer(request.headers.get("Authorization")) or _websocket_token(request)
        if token is None and (comer := await service.desk.admit(request)):
            person = comer.person
            granted = self.needs is not None and person is not None and allows(person.role, self.needs)
            if not granted and self.access not in ("any", "person"):
                await self._refuse(request, service, comer, None)
            return comer
        principal = service.tokens.check(token)
        session = request.match_info.get("id")
        allowed = {
            "any": True,
            "read": principal.role != "viewer",
            "watch": principal.role != "candidate",
            "hr": principal.role in ("hr", "operator"),
            "link": principal.role in ("hr", "operator"),
            "candidate": principal.role == "candidate",
            "operator": principal.role == "operator",
            "person": False,
        }[self.access]
        if not allowed or (session is not None and not principal.may_read(session)):
            raise Problem("token.forbidden")
        return principal

    def _query(self, request: web.Request) -> BaseModel | None:
        if self.query is None:
            return None
        given = dict(request.query)
        if len(given) != len(request.query):
            raise Problem("request.invalid", where="a parameter is given twice")
        try:
            return self.query.model_validate(given)
        except ValidationError as error:
            raise Problem("request.invalid", where=where(error)) from error

    async def _body(self, request: web.Request) -> BaseModel | str | bytes | None:
        if self.body is None:
            return None
        taken = (self.body.media_type, *self.body.also)
        if request.content_type not in taken:
            raise Problem("request.media-type", where=", ".join(taken))
        raw = await read_body(request, self.body.max_bytes)
        if self.body.binary:
            return raw
        if self.body.model is None:
            try:
                return raw.decode()
            except UnicodeDecodeError as error:
                raise Problem("request.malformed", where="not UTF-8") from error
        try:
            return self.body.model.model_validate_json(raw, strict=self.body.strict or None)
        except ValidationError as error:
            if any(e["type"] == "json_invalid" for e in error.errors(include_url=False)):
                raise Problem("request.malformed", where=where(error)) from error
            raise Problem("request.invalid", where=where(error), reasons=field_reasons(error)) from error


def whole_organisation(call: Call) -> None:
    """What serves every branch is for people of the head branch. Raises Problem token.forbidden."""
    if call.person is not None and HEAD not in call.person.reach:
        raise Problem("token.forbidden")


def reads_results(principal: Principal, row: SessionRow | None) -> bool:
    """Whether what was scored of this session may be shown. Tokens are for the session as a whole."""
    person = principal.person
    if person is None or row is None:
        return True
    own = row.created_by == person.id
    return allows(person.role, "results.read") and (own or not own_results_only(person.role))


async def read_body(request: web.Request, most: int) -> bytes:
    """A body that may be larger than the server's limit for all others, and is refused as soon as it can be.

    Raises Problem request.too-large, or request.malformed where it ends before its stated length.
    """
    if (request.content_length or 0) > most:
        raise Problem("request.too-large")
    if BODY in request:
        return request[BODY]
    raw = bytearray()
    try:
        async for piece in request.content.iter_any():
            raw += piece
            if len(raw) > most:
                raise Problem("request.too-large")
    except web.RequestPayloadError as error:
        raise Problem("request.malformed", where="the body is incomplete") from error
    request[BODY] = bytes(raw)
    return request[BODY]


SERVICE = web.AppKey("service", Service)


def where(error: ValidationError) -> str:
    """The first faults as `path: reason`, without the values: those may be personal."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)[:3]
    return "; ".join(f"{'.'.join(map(str, e['loc'])) or 'body'}: {e['msg']}" for e in faults)


def _subject(request: web.Request) -> tuple[str, str]:
    """What of the path the audit trail names where there is no session: an invitation or a job."""
    named = ((kind, id_) for kind, id_ in request.match_info.items() if kind != "id")
    return next(named, ("", ""))


def _websocket_token(request: web.Request) -> str | None:
    """Browsers cannot set a header on a WebSocket: the token comes as a subprotocol that is not echoed."""
    offered = request.headers.get("Sec-WebSocket-Protocol", "") if "Upgrade" in request.headers else ""
    names = (name.strip() for name in offered.split(","))
    return next((n.removeprefix(TOKEN_PROTOCOL) for n in names if n.startswith(TOKEN_PROTOCOL)), None)
