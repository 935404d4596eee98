"""What is wrong with a plan, and the words for it in both languages."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from interviews.dimensions import ByLanguage
from interviews.events import Language

Value = str | float | ByLanguage

_WORDING: dict[str, tuple[str, str]] = {
    "weights-sum": (
        "各维度权重合计为 {sum}%，必须等于 100%。",
        "The weights sum to {sum} %; they must sum to 100 %.",
    ),
    "weight-range": (
        "“{dimension}”的权重是 {weight}%，应在 0 到 100 之间。",
        "“{dimension}” weighs {weight} %; a weight lies between 0 and 100.",
    ),
    "unknown-dimension": ("维度“{dimension}”不存在。", "There is no dimension “{dimension}”."),
    "not-measured": (
        "“{dimension}”有权重，但没有题目考察它。",
        "“{dimension}” has a weight, but no question measures it.",
    ),
    "no-steps": ("面试还没有环节。", "The interview has no steps."),
    "no-questions": ("环节“{step}”没有题目。", "The step “{step}” has no questions."),
    "duplicate-step": ("环节编号“{id}”重复。", "Two steps have the id “{id}”."),
    "unknown-question": ("题库里没有题目“{question}”。", "The bank has no question “{question}”."),
    "question-twice": (
        "题目“{question}”出现了不止一次。",
        "The question “{question}” is asked more than once.",
    ),
    "too-many-questions": (
        "共有 {count} 道题，最多 {most} 道。",
        "There are {count} questions; {most} are the most an interview can have.",
    ),
    "does-not-fit": (
        "环节“{step}”的思考和作答共需 {needed}，超过上限 {limit}。",
        "Thinking and answering in “{step}” take {needed}, more than its limit of {limit}.",
    ),
    "answer-too-long": (
        "环节“{step}”留给一道题的作答时间是 {answer}，最多 {most}。",
        "The step “{step}” gives one question {answer} to answer; {most} is the most.",
    ),
    "too-long": (
        "整场面试需要 {needed}，最多 {limit}。",
        "The interview takes {needed}; {limit} is the most.",
    ),
    "missing-text": (
        "“{what}”缺少{field}的{language}内容。",
        "“{what}” has no {field} in {language}.",
    ),
    "not-five-anchors": (
        "题目“{question}”的行为锚定有 {count} 级，应为 5 级。",
        "The question “{question}” has {count} behavioural anchors; there must be five.",
    ),
    "dimension-twice": ("维度“{dimension}”选了不止一次。", "“{dimension}” is named more than once."),
    "question-anchors": (
        "写了 {count} 级行为锚定，须写满 5 级，或全部留空。",
        "{count} of the five levels are described; describe all five, or none.",
    ),
    "question-key-points": (
        "写了 {count} 个要点，最多 {most} 个。",
        "There are {count} key points; {most} are the most.",
    ),
    "too-many-key-points": (
        "题目“{question}”有 {count} 个要点，最多 {most} 个。",
        "The question “{question}” has {count} key points; {most} are the most.",
    ),
}
_SECONDS = frozenset({"needed", "limit", "answer"})
_UNITS: dict[Language, tuple[str, str, str]] = {"zh": (" 分钟", " 秒", " "), "en": (" min", " s", " ")}


class DesignProblem(BaseModel):
    """`path` leads to the place in the plan ("steps.1.questions.0"). Times among `values` are seconds.

    `most` of `answer-too-long` is a time too; names and titles are given in every language that has them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    path: str
    values: dict[str, Value] = {}

    def text(self, language: Language) -> str:
        """What a person reads; a code without wording stands for itself."""
        wording = _WORDING.get(self.code)
        if wording is None:
            return self.code
        times = _SECONDS | ({"most"} if self.code == "answer-too-long" else set())
        words = {
            name: _duration(value, language)
            if name in times and isinstance(value, float)
            else _worded(value, language)
            for name, value in self.values.items()
        }
        return wording[0 if language == "zh" else 1].format(**words)


def in_language(text: ByLanguage, language: Language, otherwise: str) -> str:
    """The text in `language`, or in another one, or `otherwise`."""
    return next((t for t in (text.get(language, ""), *text.values()) if t.strip()), otherwise)


def _worded(value: Value, language: Language) -> str:
    if isinstance(value, dict):
        return in_language(value, language, "?")
    return value if isinstance(value, str) else f"{value:.10g}"


def _duration(seconds: float, language: Language) -> str:
    """Rounded up to seconds, so that what does not fit by a fraction is not told as equal to its limit."""
    whole = -int(-seconds // 1)
    minutes, rest = divmod(whole, 60)
    minute, second, gap = _UNITS[language]
    parts = [f"{minutes}{minute}"] if minutes else []
    if rest or not minutes:
        parts.append(f"{rest}{second}")
    return gap.join(parts)
