"""What is told before the first question: how many of each kind, the times, and what holds for all of them.

Made here and not on the page, so that it can be read aloud by the same voice as the questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from interviews.events import Language
from interviews.plan import Question, QuestionKind, StepsOwn

KINDS: dict[Language, dict[QuestionKind, tuple[str, str]]] = {  # of one, of several
    "zh": {
        "structured": ("{n} 道结构化问题",) * 2,
        "scenario": ("{n} 道情景模拟题",) * 2,
        "skill": ("{n} 道技能题",) * 2,
        "coding": ("{n} 道编程题",) * 2,
        "live": ("{n} 道由面试官现场提问",) * 2,
    },
    "en": {
        "structured": ("1 structured question", "{n} structured questions"),
        "scenario": ("1 scenario", "{n} scenarios"),
        "skill": ("1 skill question", "{n} skill questions"),
        "coding": ("1 coding question", "{n} coding questions"),
        "live": ("1 question that an interviewer asks live", "{n} questions that an interviewer asks live"),
    },
}
# What a step asks by itself, without a question of the bank; free questions at the end are told so.
OWN: dict[Language, dict[StepsOwn | Literal["free last"], str]] = {
    "zh": {
        "introduction": "1 次自我介绍",
        "live": "面试官当面提问",
        "free": "自由提问",
        "free last": "最后是自由提问",
    },
    "en": {
        "introduction": "1 self-introduction",
        "live": "An interviewer's own questions",
        "free": "Free questions",
        "free last": "Free questions at the end",
    },
}
WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "line": "{questions}，{think}，{answer}。",
        "own": "{what}，{answer}。",
        "own, think": "{what}，思考 {think}，然后 {answer}。",
        "think": "每题思考 {time}",
        "think up to": "每题最多思考 {time}",
        "no think": "看到题目后直接作答",
        "answer": "每题作答 {time}",
        "answer up to": "每题最多作答 {time}",
        "minute": "{n} 分钟",
        "minutes": "{n} 分钟",
        "second": "{n} 秒",
        "seconds": "{n} 秒",
        "retries": "出现“重新作答”时，可以重新开始回答。",
        "saved": "作答会随时保存。暂停或断线时，计时停止。",
        "leaving": "请不要离开本页：面试官能看到离开了多久。",
    },
    "en": {
        "line": "{questions}, {think}, {answer}.",
        "own": "{what}, {answer}.",
        "own, think": "{what}, {think} to think, then {answer}.",
        "think": "{time} to think about each",
        "think up to": "up to {time} to think about each",
        "no think": "which you answer right away",
        "answer": "{time} to answer each",
        "answer up to": "up to {time} to answer each",
        "minute": "1 minute",
        "minutes": "{n} minutes",
        "second": "1 second",
        "seconds": "{n} seconds",
        "retries": "Where “Begin anew” is shown you may start an answer over.",
        "saved": "Answers are saved as you speak. "
        "The clock stands still in a pause and while the connection is lost.",
        "leaving": "Stay on this page: interviewers see for how long it was left.",
    },
}
BETWEEN: dict[Language, str] = {"zh": "", "en": " "}


def guidance(questions: Sequence[Question], language: Language) -> tuple[str, ...]:
    """Its lines, e.g. "3 structured questions, 2 minutes to think about each, 3 minutes to answer each."."""
    words = WORDS[language]
    groups: dict[tuple[StepsOwn | None, QuestionKind], list[Question]] = {}
    for question in questions:
        groups.setdefault((question.itself, question.kind), []).append(question)
    lines = []
    for (itself, kind), group in groups.items():
        if itself is None:
            line = words["line"].format(
                questions=KINDS[language][kind][len(group) > 1].format(n=len(group)),
                think=_span([one.think_s for one in group], "think", words),
                answer=_span([one.answer_s for one in group], "answer", words),
            )
        else:
            last = itself == "free" and group[-1] is questions[-1]
            think, answer = max(one.think_s for one in group), max(one.answer_s for one in group)
            line = words["own, think" if think else "own"].format(
                what=OWN[language]["free last" if last else itself],
                think=_spelt(think, words),
                answer=_spelt(answer, words),
            )
        lines.append(line)
    if any(question.retries for question in questions):
        lines.append(words["retries"])
    return (*lines, words["saved"], words["leaving"])


def spoken_guidance(questions: Sequence[Question], language: Language) -> str:
    """All of it, as one text to be read aloud."""
    return BETWEEN[language].join(guidance(questions, language))


def _span(times: Sequence[float], what: str, words: dict[str, str]) -> str:
    """One time for all, or the longest."""
    longest = max(times)
    if not longest:
        return words[f"no {what}"]
    key = what if len(set(times)) == 1 else f"{what} up to"
    return words[key].format(time=_spelt(longest, words))


def _spelt(seconds: float, words: dict[str, str]) -> str:
    """Whole minutes as minutes."""
    n, unit = (seconds, "second") if seconds % 60 else (seconds / 60, "minute")
    return words[unit if n == 1 else f"{unit}s"].format(n=f"{n:g}")
