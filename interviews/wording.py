"""The words for every code of a result or report, in both languages."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """A stable code and what it says to a reader."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    zh: str
    en: str


_MESSAGES = {
    # Why something has no score
    "not-asked": ("这道题没有提问。", "This question was not asked."),
    "no-answer": ("没有听到作答。", "No answer was heard."),
    "scoring-refused": (
        "候选人未同意 AI 评分，由人工评阅。",
        "The candidate does not agree to scoring by AI; people read the answers.",
    ),
    "not-rated": ("作答尚未评分。", "The answer has not been rated yet."),
    "too-short": ("作答太短，数据不足，不评分。", "The answer is too short to score."),
    "other-language": (
        "作答所用语言不是面试语言，不评分。",
        "The answer is not in the language of the interview, so it is not scored.",
    ),
    "only-repetition": (
        "作答只是重复题目或同一句话，不评分。",
        "The answer only repeats the question or itself, so it is not scored.",
    ),
    "only-asides": (
        "作答内容是对评分者说的话，没有回答题目，不评分。",
        "What was said speaks to whoever rates and answers nothing, so it is not scored.",
    ),
    "says-nothing": (
        "作答没有具体内容，不评分。",
        "The answer says nothing in particular, so it is not scored.",
    ),
    "unclear-speech": (
        "录音不够清楚，识别结果不可靠，不评分。",
        "The sound is too unclear for a reliable transcript, so it is not scored.",
    ),
    "no-valid-quote": (
        "语言模型没有给出能在作答中找到的依据，不计。",
        "The language model gave no evidence that is found in the answer, so this does not count.",
    ),
    "no-key-points": ("这道题没有设定要点。", "No key points are set for this question."),
    "few-sentences": ("句子太少，无法判断连贯性。", "There are too few sentences to judge coherence."),
    "few-tokens": (
        "不足 100 个词，无法判断词汇丰富度。",
        "There are fewer than 100 words, too few to judge lexical richness.",
    ),
    "too-few-answers": (
        "可评分的作答不足一半，不给综合分。",
        "Fewer than half of the questions could be scored, so there is no overall score.",
    ),
    "too-little-weight": (
        "可评分的维度权重不足一半，不给综合分。",
        "Dimensions of less than half the weight could be scored, so there is no overall score.",
    ),
    "no-scored-answer": ("没有可评分的作答。", "No answer on it could be scored."),
    "dimension-not-asked": ("没有考察该维度的题目。", "No question asks for it."),
    # Code
    "no-code": ("没有提交代码。", "No code was submitted."),
    "code-for-people": (
        "这道题没有测试用例，代码由人工评阅。",
        "The question has no test cases; people read the code.",
    ),
    "code-not-checked": ("代码尚未用测试用例运行。", "The code has not been run with the test cases yet."),
    "code-not-run": (
        "服务器无法运行该代码，不评分，由人工评阅。",
        "The code could not be run on this server, so it is not scored; people read it.",
    ),
    "code-cases-passed": ("提交时通过的测试用例", "test cases passed by what was submitted"),
    "case-passed": ("通过", "passed"),
    "case-wrong": ("输出不符", "wrong output"),
    "case-crashed": ("运行出错", "crashed"),
    "case-time-limit": ("超时", "out of time"),
    "case-memory-limit": ("内存超限", "out of memory"),
    "case-output-limit": ("输出过多", "too much output"),
    "case-compile-error": ("编译失败", "does not compile"),
    "case-not-run": ("未能运行", "could not be run"),
    # What an evidence quote shows
    "rests-on": ("评级依据", "what the level rests on"),
    "closest": ("与题目最相关", "closest to the question"),
    "furthest": ("与题目最不相关", "least related to the question"),
    "best-link": ("衔接最好", "follows best from the sentence before"),
    "weakest-link": ("衔接最弱", "follows least from the sentence before"),
    "densest": ("用词最丰富", "most varied wording"),
    "whole-answer": ("在整段作答中查找", "looked for in the whole answer"),
    # The line of the interview
    "annotation": ("批注", "note"),
    "interjection": ("面试官插话", "a person asked"),
    "paused": ("面试暂停", "paused"),
    "poor-link": ("网络较差", "poor connection"),
    # Facts about the session
    "disconnected": ("连接中断", "connection lost"),
    "several-people": ("画面中可能有第二人", "possibly a second person in the picture"),
    "no-face": ("画面中没有人脸", "no face in the picture"),
    "picture-black": ("画面全黑", "the picture is black"),
    "picture-missing": ("没有画面", "no picture"),
    "sound-silent": ("麦克风没有声音", "the microphone is silent"),
    "sound-missing": ("没有声音信号", "no sound"),
    "liveness-attack": ("活体检测未通过", "the liveness check was not passed"),
    "page-hidden": ("候选人离开过面试页面", "the candidate's page was hidden"),
    "inference-gap": ("分析服务中断后恢复", "an analysis service was interrupted"),
    "alarm": ("系统告警", "an alarm of the system"),
    # The parts of a story (STAR)
    "situation": ("情境", "situation"),
    "task": ("任务", "task"),
    "action": ("行动", "action"),
    "result": ("结果", "result"),
    # What makes an answer specific
    "number": ("具体数字或时间", "a number or a date"),
    "name": ("具体的人、地点或工具", "a person, place or tool by name"),
    "own-action": ("本人行动", "an action of one's own"),
    # Why an answer's parts were not looked for
    "no-story-asked": ("这道题不要求讲述经历。", "The question does not ask for a story."),
    "no-own-past-asked": (
        "这道题不问本人的经历。",
        "The question does not ask about the candidate's own past.",
    ),
    "no-reference": ("这道题没有可供对照的参考要点。", "The question has no reference to compare with."),
    # What a person should look at
    "off-topic": ("与题目无关", "not about the question"),
    "to-the-rater": (
        "有的话是说给评分者听的，不计分",
        "words addressed to whoever rates; they do not count",
    ),
    "repeats-question": ("重复题目，不计分", "the question said again; it does not count"),
    "lists-key-points": ("只罗列要点用词，不计分", "key points merely listed; they do not count"),
    "recites-rubric": (
        "与评分标准几乎逐字相同，不计分",
        "nearly word for word the rubric's behaviours; it does not count",
    ),
    "read-aloud": (
        "没有停顿改口，用语像书面语，可能在朗读或背诵（仅提示，不计分）",
        "no slip of the tongue, and worded like writing: perhaps read aloud (a hint; not scored)",
    ),
    "rated-by-fallback": (
        "语言模型未能可靠评分，改用内置评分器",
        "the language model gave no reliable rating; the embedded rater's counts",
    ),
    # Measures
    "structure": ("结构完整性", "Structure"),
    "specificity": ("具体程度", "Specificity"),
    "correctness": ("与参考要点一致", "Agreement with the reference"),
    "code_correctness": ("代码正确性（测试用例）", "Correctness of code (test cases)"),
    "relevance": ("切题程度", "Relevance"),
    "coverage": ("要点覆盖", "Key points covered"),
    "coherence": ("连贯性", "Coherence"),
    "lexical_richness": ("词汇丰富度", "Lexical richness"),
    # Sufficiency
    "sufficient": ("数据充分", "enough data"),
    "partly": ("部分题目数据不足", "too little data for some questions"),
    "insufficient": ("数据不足", "too little data"),
}


def message(code: str) -> Message:
    """The wording of a code; a code without one stands for itself."""
    zh, en = _MESSAGES.get(code, (code, code))
    return Message(code=code, zh=zh, en=en)


def note(code: str) -> Message:
    """The wording of an evidence note: a code, or `key-point:` and the point in the plan's own words."""
    kind, _, point = code.partition(":")
    if kind == "key-point" and point:
        return Message(code="key-point", zh=f"要点：{point}", en=f"key point: {point}")
    return message(code)
