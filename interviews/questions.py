"""What a session asks when nobody has designed a plan for it."""

from __future__ import annotations

from interviews.events import Language
from interviews.plan import Question

_TEXTS = {
    "introduction": (
        "请用一两分钟介绍一下你自己：你做过什么，最擅长什么，为什么对这份工作感兴趣？",
        "Please take a minute or two to introduce yourself: what have you done, what are you best at, "
        "and why does this job interest you?",
    ),
    "problem": (
        "请讲一件你在工作或学习中解决过的难题：当时是什么情况，你具体做了什么，结果怎么样？",
        "Tell us about a difficult problem you solved at work or in your studies: what was the situation, "
        "what exactly did you do, and how did it turn out?",
    ),
    "teamwork": (
        "请讲一次你和同事或同学意见不一致的经历：分歧在哪里，你怎样沟通，最后怎样达成一致？",
        "Tell us about a time you disagreed with a colleague or classmate: what was it about, "
        "how did you talk it through, and how did you come to an agreement?",
    ),
}
# Worded as a candidate would say them: they are found by likeness to what is said.
_KEY_POINTS: dict[str, dict[Language, tuple[str, ...]]] = {
    "introduction": {
        "zh": ("过去的工作或学习经历", "自己的专长和能力", "对这份工作感兴趣的原因"),
        "en": (
            "past work or study experience",
            "personal strengths and skills",
            "reasons for interest in this job",
        ),
    },
    "problem": {
        "zh": ("遇到了一个难题", "我分析原因，动手解决问题", "问题解决以后的结果和经验"),
        "en": (
            "what the problem was and why it was hard",
            "what I did to solve it",
            "the result and what I learned",
        ),
    },
    "teamwork": {
        "zh": ("我们的意见分歧在哪里", "我怎样倾听和沟通", "最后我们怎样达成一致"),
        "en": (
            "what we disagreed about",
            "how I listened and explained my view",
            "what we agreed on in the end",
        ),
    },
}


def default_questions(language: Language) -> tuple[Question, ...]:
    """A self-introduction and two structured questions, in both languages; key points in the interview's."""
    return tuple(
        Question(
            id=id_,
            text={"zh": zh, "en": en},
            key_points=_KEY_POINTS[id_][language],
            itself="introduction" if id_ == "introduction" else None,
        )
        for id_, (zh, en) in _TEXTS.items()
    )
