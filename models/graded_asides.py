"""Sentences that speak to whoever grades, or of the grade: they are not part of the answer.

A rater that reads meaning can be moved by "this answer is complete" as by what completes it. Patterns find
what people try most (OWASP LLM01, prompt injection); where question or references speak so themselves, as in
a lesson on examinations, the pattern does not count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.lexical import Language

_PATTERNS: dict[Language, tuple[re.Pattern[str], ...]] = {
    "en": tuple(
        re.compile(pattern, re.IGNORECASE)
        for pattern in (
            r"\b(?:ignore|disregard|forget)\b.*\b(?:instructions?|prompts?|rules?|above|previous|everything)\b",
            r"\b(?:full|maximum|highest|top|perfect)\s+(?:marks?|scores?|points?|grades?|credit)\b",
            r"\b(?:score|grade|mark|rate|award|give|output|return|assign)\b.*"
            r"(?:\b(?:100|10|1\.0|five|5|ten|hundred|perfect|full|maximum|highest|pass)\b|%)",
            r"\bsystem\s*(?:prompt|message|:)",
            r"\b(?:grader|examiner|evaluator|assessor|rater|language model|grading assistant)s?\b",
            r"\b(?:this|my|the)\s+(?:answer|response|candidate)\b.*"
            r"\b(?:correct|complete|perfect|excellent|accurate|covered|covers|deserves?|passes|passed)\b",
            r"\b(?:reference answer|key points?|rubric)\b",
        )
    ),
    "zh": tuple(
        re.compile(pattern)
        for pattern in (
            "(?:忽略|无视|不要管|忘记).*(?:指令|提示|规则|要求|内容)",
            "满分|一百分|100\\s*分|高分|打分|评分|得分|给.{0,6}分",
            "系统提示|系统[:：]|评委|考官|阅卷|语言模型",
            "(?:这个|我的|本|该|此)(?:回答|答案|作答|考生).*(?:正确|准确|优秀|完整|完美|覆盖|通过)",
            "参考答案|评分标准|全部要点|所有要点",
        )
    ),
}


def without_asides(sentences: Sequence[str], known: Sequence[str], language: Language) -> list[str]:
    """The sentences that answer; `known`: question and references."""
    said = " ".join(known)
    patterns = [pattern for pattern in _PATTERNS[language] if not pattern.search(said)]
    return [one for one in sentences if not any(pattern.search(one) for pattern in patterns)]


def about_rating(known: Sequence[str], language: Language) -> bool:
    """Whether question or references speak so themselves, as in an interview with a teacher."""
    said = " ".join(known)
    return any(pattern.search(said) for pattern in _PATTERNS[language])
