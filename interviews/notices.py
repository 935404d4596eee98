"""What candidates are written: templates with variables in brackets, in both languages.

Plain text is what people edit; the HTML is made from it, so that no markup of theirs can do harm.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from interviews.events import Language
from interviews.wording import Message

NoticeKind = Literal["invite", "reminder", "passed", "failed", "pending"]
Variable = Literal["job", "link", "time", "name", "deadline", "duration", "score"]
VARIABLES: dict[str, Variable] = {
    "岗位名称": "job", "Job": "job",
    "链接": "link", "Link": "link",
    "时间": "time", "Time": "time",
    "姓名": "name", "Name": "name",
    "截止时间": "deadline", "Deadline": "deadline",
    "预计时长": "duration", "Duration": "duration",
    "得分": "score", "Score": "score",
}  # fmt: skip
RESULTS: frozenset[NoticeKind] = frozenset({"passed", "failed", "pending"})
_BRACKETS = re.compile(r"\[([^\[\]\n]{1,30})\]")
_LINK = re.compile(r"https?://[^\s<>\"]+")


class Template(BaseModel):
    """One notice in one language. Variables stand in brackets and may be named in either language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: NoticeKind
    language: Language
    subject: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=10_000)


class Notice(BaseModel):
    """A template filled in. `subject` is one line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: str
    text: str
    html: str


class NoticeIncomplete(Exception):
    """A variable of the template has no value, the score of an unscored interview for instance."""


def check(template: Template) -> list[Message]:
    """What is wrong with a template before it may be saved; empty: nothing."""
    found: list[Message] = []
    if "\n" in template.subject or "\r" in template.subject:
        found.append(Message(code="subject.lines", zh="主题只能有一行。", en="The subject is one line."))
    names = dict.fromkeys(_BRACKETS.findall(f"{template.subject}\n{template.text}"))
    for name in names:
        variable = _named(name)
        if variable is None:
            known = " ".join(f"[{each}]" for each in VARIABLES)
            found.append(
                Message(
                    code="variable.unknown",
                    zh=f"没有变量 [{name}]。可用变量：{known}",
                    en=f"There is no variable [{name}]. Variables: {known}",
                )
            )
        elif variable == "score" and template.kind not in RESULTS:
            found.append(_wrong_place(name, "只能用于结果通知", "is for results alone"))
        elif variable in ("link", "deadline", "time", "duration") and template.kind in RESULTS:
            found.append(_wrong_place(name, "不能用于结果通知", "is not for results"))
    if template.kind not in RESULTS and "link" not in {_named(n) for n in _BRACKETS.findall(template.text)}:
        found.append(
            Message(code="link.missing", zh="正文缺少 [链接]。", en="The text lacks [Link].")
        )  # fmt: skip
    return found


def tells_score(template: Template) -> bool:
    return "score" in {_named(name) for name in _BRACKETS.findall(f"{template.subject}\n{template.text}")}


def render(template: Template, values: Mapping[Variable, str]) -> Notice:
    """Filled in one pass: brackets in a value stay what they are. Raises NoticeIncomplete."""

    def fill(match: re.Match[str]) -> str:
        variable = _named(match[1])
        if variable is None or variable not in values:
            raise NoticeIncomplete(match[1])
        return values[variable]

    text = _BRACKETS.sub(fill, template.text)
    subject = " ".join(_BRACKETS.sub(fill, template.subject).split())
    return Notice(subject=subject, text=text, html=_html(text, template.language))


def default_template(kind: NoticeKind, language: Language) -> Template:
    subject, text = _DEFAULTS[language][kind]
    return Template(kind=kind, language=language, subject=subject, text=text)


def _named(name: str) -> Variable | None:
    return VARIABLES.get(name) or VARIABLES.get(name.strip().capitalize())


def _wrong_place(name: str, zh: str, en: str) -> Message:
    return Message(code="variable.place", zh=f"变量 [{name}] {zh}。", en=f"The variable [{name}] {en}.")


def _html(text: str, language: Language) -> str:
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    body = "".join(f"<p>{'<br>'.join(map(_linked, part.splitlines()))}</p>" for part in paragraphs)
    tag = "zh-CN" if language == "zh" else "en"
    return f'<!doctype html><html lang="{tag}"><head><meta charset="utf-8"></head><body>{body}</body></html>'


def _linked(line: str) -> str:
    parts, last = [], 0
    for match in _LINK.finditer(line):
        address = html.escape(match[0])
        parts += [html.escape(line[last : match.start()]), f'<a href="{address}">{address}</a>']
        last = match.end()
    return "".join([*parts, html.escape(line[last:])])


_DEFAULTS: dict[Language, dict[NoticeKind, tuple[str, str]]] = {
    "zh": {
        "invite": (
            "面试邀请：[岗位名称]",
            "[姓名]，您好：\n\n感谢您应聘[岗位名称]。请在截止时间前完成线上 AI 面试，"
            "预计需要 [预计时长] 分钟。\n\n"
            "面试时间：[时间]\n\n面试链接：\n[链接]\n\n"
            "链接只供您本人使用：在哪台设备上开始，就只能在哪台设备上完成。"
            "如果打不开，请把链接复制到手机或电脑的浏览器中。祝您顺利！",
        ),
        "reminder": (
            "提醒：[岗位名称]面试尚未开始",
            "[姓名]，您好：\n\n您的[岗位名称]线上面试还没有开始，请在 [截止时间] 前完成。"
            "\n\n面试链接：\n[链接]",
        ),
        "passed": (
            "[岗位名称]面试结果",
            "[姓名]，您好：\n\n恭喜您通过[岗位名称]的线上面试，我们会尽快与您联系下一步安排。",
        ),
        "failed": (
            "[岗位名称]面试结果",
            "[姓名]，您好：\n\n感谢您参加[岗位名称]的线上面试。很遗憾，这次未能进入下一轮。"
            "您可以要求人工复核，也可以了解评分的依据。",
        ),
        "pending": (
            "[岗位名称]面试进展",
            "[姓名]，您好：\n\n感谢您参加[岗位名称]的线上面试。结果还在评估中，确定后会立即通知您。",
        ),
    },
    "en": {
        "invite": (
            "Your interview: [Job]",
            "Dear [Name],\n\nThank you for applying for [Job]. Please take the online AI interview in time; "
            "it takes about [Duration] minutes.\n\nTime: [Time]\n\nYour link:\n[Link]\n\n"
            "The link is yours alone, and the interview ends on the device on which it began. "
            "If it does not open, copy it into the browser of your phone or computer. Good luck!",
        ),
        "reminder": (
            "Reminder: your interview for [Job]",
            "Dear [Name],\n\nYour online interview for [Job] has not begun yet. Please take it by [Deadline]."
            "\n\nYour link:\n[Link]",
        ),
        "passed": (
            "Your interview for [Job]",
            "Dear [Name],\n\nCongratulations: you have passed the online interview for [Job]. "
            "We will be in touch about the next step.",
        ),
        "failed": (
            "Your interview for [Job]",
            "Dear [Name],\n\nThank you for the online interview for [Job]. We are sorry that it does not "
            "lead to the next round. You may ask for a review by a person, and how the result came about.",
        ),
        "pending": (
            "Your interview for [Job]",
            "Dear [Name],\n\nThank you for the online interview for [Job]. The result is still being "
            "assessed; we will write as soon as it is there.",
        ),
    },
}
