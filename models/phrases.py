"""A job description cut into its phrases, each with its place; what speaks of the employer is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.lexical import HAN

LONGEST = 400  # characters of one phrase; longer ones are cut, so that the encoder sees all of each
MOST = 400  # phrases of one description

# A full stop or comma inside a number or a name ("2.5", "Node.js") does not end a phrase.
_END = re.compile(r"[\n\r。；;！!？?•●·▪◆|]+|[.,:](?=\s|$)|[，：]|\s[-*–—]\s")
_BULLET = re.compile(
    r"^[\s\-*–—+、.)）(（【\]】\[]*(?:(?:[0-9０-９]{1,2}|[一二三四五六七八九十]{1,3}|[a-z])[、.)）．】])?[\s\-*–—]*",
    re.I,
)
# Headings under which the employer speaks of itself: "free training in data analysis" is not asked for.
_EMPLOYER = re.compile(
    r"福利|待遇|薪酬|薪资|公司(?:简介|介绍)|关于我们|企业文化|我们提供|工作(?:地点|地址|时间)|联系方式"
    r"|\b(?:benefits|perks|what we offer|we offer|about us|who we are|our company|about the company"
    r"|compensation|salary|location|how to apply|equal opportunit)",
    re.I,
)
# Headings that every description has, and that say nothing by themselves.
_PLAIN = re.compile(
    r"[^\w]*(?:岗位|工作|任职|职位|主要)?(?:职责|内容|描述|要求|资格|条件|责任|说明)(?:描述|要求)?[^\w]*"
    r"|(?:key |main |your )?(?:responsibilities|requirements|qualifications|duties|skills|experience|tasks"
    r"|the role|job description|what you(?:'ll| will)?(?: do| bring| need)|who you are|nice to have"
    r"|must have)",
    re.I,
)
# "No coding is required" asks for none.
_NOT_ASKED = re.compile(
    r"无需|不需要|不要求|不必|不用|\bno\b.*\b(?:required|needed|necessary)\b"
    r"|\bnot (?:required|needed|necessary)\b",
    re.I,
)
_HEADING_LONGEST = 40  # characters
# PDF files and mails break their lines by width: a long line without an end goes on with a small letter.
_WRAPPED = re.compile(r"(?<=[^\n]{40}[a-z,)])\n(?=[a-z])")


@dataclass(frozen=True, slots=True)
class Span:
    """text is description[start:end]."""

    text: str
    start: int
    end: int


def phrases(description: str) -> list[Span]:
    """In order, without bullets, plain headings and what is said not to be needed; at most `MOST`."""
    found: list[Span] = []
    skipping = False
    at = 0
    for line in _WRAPPED.sub(" ", description).splitlines(keepends=True):
        heading = _heading(line)
        if heading is not None and _EMPLOYER.search(heading):
            skipping = True
        elif heading is not None and (_PLAIN.fullmatch(heading) or line.rstrip()[-1:] in ":："):
            skipping = False  # a short line of a list of benefits looks like a heading and ends nothing
        if not skipping:
            found += _clauses(line, at)
        at += len(line)
    return found[:MOST]


def _heading(line: str) -> str | None:
    """The title that a line begins with (`福利待遇：五险一金`) or is; None for any other line."""
    bare = line.strip()
    title, mark, _ = bare.replace("：", ":").partition(":")
    if mark and len(title) <= _HEADING_LONGEST // 2:
        return title
    bulleted = bare[:1] in "-*•●·–—" or re.match(r"\d+[.、)]", bare)
    if not bare or bulleted or len(bare) > _HEADING_LONGEST or bare[-1] in "。.；;，,！!":
        return None
    # A Chinese line of that length may be an item without a full stop: only a very short one is a title.
    return bare if len(bare) <= 10 or not HAN.search(bare) else None


def _clauses(line: str, offset: int) -> list[Span]:
    """Between the marks that end a clause."""
    bounds = [0]
    for mark in _END.finditer(line):
        bounds += [mark.start(), mark.end()]
    bounds.append(len(line))
    spans = []
    for start, end in zip(bounds[::2], bounds[1::2], strict=True):
        for begin in range(start, end, LONGEST):
            spans += _trimmed(line, begin, min(begin + LONGEST, end), offset)
    return spans


def _trimmed(line: str, start: int, end: int, offset: int) -> list[Span]:
    if (bullet := _BULLET.match(line[start:end])) is not None:
        start += bullet.end()
    text = line[start:end]
    start += len(text) - len(text.lstrip())
    text = text.strip()
    if sum(char.isalnum() for char in text) < 2 or _PLAIN.fullmatch(text) or _NOT_ASKED.search(text):
        return []
    return [Span(text, offset + start, offset + start + len(text))]
