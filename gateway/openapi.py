"""The OpenAPI 3.1 document, made from the declared operations and the models that validate their requests."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from openapi_pydantic import OpenAPI
from openapi_pydantic.util import PydanticSchema, construct_open_api_with_schema_class
from pydantic import BaseModel

from gateway.operations import PATH_PART, Operation
from gateway.problems import KINDS, ProblemDocument

SECURITY: dict[str, list[dict[str, list[str]]]] = {"open": [], "person": [{"cookie": []}]}
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-viva",
        "description": "of a sign-in; what changes something needs the header X-CSRF-Token beside it",
    },
}
PROBLEM_TYPE = "application/problem+json"


def document(operations: Sequence[Operation], version: str) -> str:
    """JSON text; the same operations give the same text."""
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for operation in operations:
        paths[operation.path][operation.method.lower()] = _operation(operation)
    api = OpenAPI.model_validate(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Viva",
                "version": version,
                "description": "Real-time AI interviews. Errors are RFC 9457 problems in both languages.",
            },
            "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in operations)],
            "paths": dict(paths),
            "components": {"securitySchemes": SCHEMES},
        }
    )
    full = construct_open_api_with_schema_class(api)
    return json.dumps(full.model_dump(mode="json", by_alias=True, exclude_none=True), ensure_ascii=False)


def _operation(operation: Operation) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": list(_parameters(operation)),
        "responses": _responses(operation),
        "security": SECURITY.get(operation.access, [{"bearer": []}]),
    }
    if operation.body:
        schema: Any = {"type": "string"}
        if operation.body.model:
            schema = PydanticSchema(schema_class=operation.body.model)
        if operation.body.binary:
            schema = {"type": "string", "format": "binary"}
        types = (operation.body.media_type, *operation.body.also)
        made["requestBody"] = {"required": True, "content": {type_: {"schema": schema} for type_ in types}}
    return made


def _parameters(operation: Operation) -> Iterable[dict[str, Any]]:
    for part in operation.path.split("/"):
        if part.startswith("{"):
            schema: dict[str, Any] = {"type": "string", "pattern": f"^{PATH_PART.pattern}$"}
            yield {"name": part[1:-1], "in": "path", "required": True, "schema": schema}
    if operation.query:
        properties = operation.query.model_json_schema()["properties"]
        for name, schema in properties.items():
            yield {"name": name, "in": "query", "required": False, "schema": _not_null(schema)}
    for name, description in operation.headers.items():
        yield {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query parameter is left out, never null: `anyOf [X, null]` says X."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default", "title")}
    return {**rest, **choices[0]} if len(choices) == 1 else {**schema}


def _responses(operation: Operation) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, replies in operation.replies.items():
        content = {reply.media_type: _media(reply.model) for reply in replies if reply.media_type}
        headers = {
            name: {"description": text, "schema": {"type": "string"}}
            for reply in replies
            for name, text in reply.headers.items()
        }
        responses[str(status)] = {
            "description": replies[0].description,
            **({"content": content} if content else {}),
            **({"headers": headers} if headers else {}),
        }
    for status, codes in sorted(_problems(operation).items()):
        responses[str(status)] = {
            "description": "; ".join(f"`{code}`: {KINDS[code].en}" for code in codes),
            "content": {PROBLEM_TYPE: _media(ProblemDocument)},
        }
    return responses


def _media(model: type[BaseModel] | None) -> dict[str, Any]:
    return {"schema": PydanticSchema(schema_class=model) if model else {"type": "string"}}


def _problems(operation: Operation) -> dict[int, list[str]]:
    codes = list(operation.problems)
    if operation.access != "open":
        codes += ["token.missing", "token.invalid", "token.expired", "token.forbidden"]
    if operation.access == "person" or operation.needs:
        codes += ["signin.needed", "signin.second-factor", "signin.csrf"]
    if operation.audits:
        codes += ["audit.failed"]
    if operation.query or operation.headers:
        codes += ["request.invalid"]
    if operation.body:
        codes += ["request.malformed", "request.too-large", "request.media-type"]
        codes += ["request.invalid"] if operation.body.model else []
    if "{" in operation.path:
        codes += ["request.not-found"]
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in dict.fromkeys(codes):
        by_status[KINDS[code].status].append(code)
    return by_status
