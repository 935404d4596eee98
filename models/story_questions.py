"""Whether a question asks for a story of one's own, where STAR applies, or for one's own past at all."""

from __future__ import annotations

import re

from models.lexical import Language

_STORY: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"tell (?:us|me) about (?:a|an|the|your|one|something|some)\b|"
        r"(?:take|walk|talk) (?:us|me) through (?:a|an|one|the) \w+(?: \w+)? (?:that )?you|"
        r"describe (?:a|an|one) (?:time|situation|occasion|case|project|problem|conflict|example)|"
        r"give (?:us |me )?(?:an|one) example|an? (?:time|occasion|situation) (?:when|you|that|where)|"
        r"example of (?:a time|how you|when)|when (?:have|did|was the last time) you|have you ever|"
        r"(?:project|achievement|mistake|failure) (?:that )?you",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"(?:讲|说|谈|举|描述|分享|回忆|介绍)[^，。？]{0,4}(?:一|个|次|件|段|项|例)[^。？]*?"
        r"(?:经历|过的|的事|例子|案例|事例|难题|缺陷|错误|选型|评审|客户|项目|差错|技术)|"
        r"(?:有没有|是否)[^。？]{0,12}过|你[^。？]{0,12}过的[^。？]{0,8}(?:经历|事|项目|难题|挑战)|举(?:个|"
        r"一个)?例"
    ),
}
# Asked for a plan, a reply or an explanation, not for what has been.
_SUPPOSED: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\brole play\b|\bsuppose\b|\bimagine\b|what (?:would|do) you (?:do|say)|how would you|"
        r"\bdesign (?:a|an)\b|\bexplain\b|(?:about|introduce) yourself\b|your background",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"情景模拟|假设|假如|请设计|讲给|介绍(?:一下)?你?自己|自我介绍|^(?!.*经历).*(?:如果|会怎|打算怎)"
    ),
}
_PERSON: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"introduce yourself|about yourself|your (?:background|experience|strengths|studies|career|project|"
        r"internship)|"
        r"have you (?:done|worked|ever)",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"介绍(?:一下)?你?自己|自我介绍|你做过|你的(?:经历|经验|背景|优势|优点|强项|特长|项目)|你过去|你曾"
    ),
}


def asks_for_story(question: str, language: Language) -> bool:
    """Whether it asks for an event in one's own past, which is what STAR describes."""
    return bool(_STORY[language].search(question)) and not _SUPPOSED[language].search(question)


def asks_about_person(question: str, language: Language) -> bool:
    """Whether it asks for the candidate's own past in any form: a story, or an introduction of oneself."""
    return asks_for_story(question, language) or bool(_PERSON[language].search(question))
