"""Words that mark the parts of a story (STAR: situation, task, action, result), and who acts in it.

Each cue is a sign and no proof: `models/structure.py` weighs them together with what a sentence means.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from models import lexical
from models.lexical import Language

# Verbs after "I" or 我 that tell of no deed: being, having, thinking, feeling, wishing, being told.
_NO_DEED = (
    "am|was|were|have|had|do|think|thought|feel|felt|know|knew|believe|believed|want|wanted|wish|wished|"
    "like|liked|"
    "love|loved|hope|hoped|guess|mean|meant|need|needed|must|can|could|would|will|should|might|may|see|saw|"
    "understand|"
    "understood|remember|forgot|live|lived|prefer|preferred|enjoy|enjoyed|usually|always|often|try|never|"
    "got|learned|"
    "learnt|realised|realized|noticed|failed|received|won|agree|agreed|seemed|heard|expected|became|become|"
    "passed"
)
_NO_DEED_ZH = (
    "觉得|认为|感觉|想|希望|喜欢|相信|知道|明白|懂得|体会|记得|是|有|在|叫|姓|来自|会|能|可以|应该|应当|"
    "需要|必须|愿意|"
    "打算|比较|一般|通常|平时|经常|一直|总是|很|非常|特别|擅长|毕业|刚|当时|学到|学会|的|们|也|都|最|本人|"
    "自己|还是|不|几|"
    "没|那|这|觉|要|得|做事|看来|来|对|上[一个周次]|从|以前|之前"
)
# Irregular past forms; regular ones end in -ed.
_PAST = (
    "took|went|wrote|made|built|found|gave|told|spoke|sat|set|put|led|ran|drew|held|sent|brought|kept|"
    "began|broke|"
    "chose|cut|drove|fought|got|hung|hid|laid|left|let|met|paid|read|rode|rewrote|sold|showed|shook|slept|"
    "spent|split|"
    "stood|stuck|taught|took|tore|understood|woke|wore|rebuilt|dug|fed|bought|caught|flew|grew|threw|"
    r"did(?= (?:the|a|an|my|all|most|this|some)\b)"
)
_BEFORE_VERB = (
    r"(?:(?:then|also|first|next|just|even|always|finally|immediately|quickly|personally|[a-z]+ly)\s+)*"
)
OWN_ACTION: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        rf"\bi(?:['’]ve|\s+have)?\s+{_BEFORE_VERB}(?!(?:{_NO_DEED})\b)(?P<verb>[a-z]+ed|{_PAST})\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"我(?:就|又|还|先|再|便|马上|立刻|主动|首先|然后|接着|亲自|自己|随后|当即|后来|于是|同时|每天|"
        r"一边|专门|逐个|"
        r"分别|及时|赶紧|先后)*"
        rf"(?!{_NO_DEED_ZH})(?P<verb>[\u4e00-\u9fff]{{1,2}})"
    ),
}
OTHERS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:we|one|you|people|everybody|everyone)\b", re.IGNORECASE),
    "zh": re.compile(r"我们|咱们|大家|人们|每个人"),
}
CUES: dict[Language, dict[str, re.Pattern[str]]] = {
    "en": {
        "situation": re.compile(
            r"\b(?:when i (?:was|started|worked|joined)|at (?:that|the) time|back then|(?:years?|months?|"
            r"weeks?) ago|"
            r"last (?:year|month|week|summer|autumn|fall|winter|spring)|in (?:19|20)\d\d|in twenty|during my|"
            r"in my (?:first|second|third|last|final)|the (?:problem|issue|trouble) was|there (?:was|were)|"
            r"kept \w+ing|"
            r"it (?:was|started|happened|turned out)|nobody|used to|broke|failed|crash\w*|(?:was|"
            r"were) un\w+)\b",
            re.IGNORECASE,
        ),
        "task": re.compile(
            r"\b(?:my (?:task|job|role|goal|aim|duty|responsibility|part)|i was (?:asked|told|meant|supposed|"
            r"responsible|assigned|in charge|the one who)|(?:asked|told|wanted|expected) (?:me|us) to|"
            r"put me in charge|"
            r"i (?:had|needed) to|we (?:had|needed|were supposed) to|the (?:goal|aim|task|objective) was|"
            r"up to me|"
            r"(?:took|take) (?:it|this|the job) on|responsible for)\b",
            re.IGNORECASE,
        ),
        "result": re.compile(
            r"\b(?:in the end|as a result|finally,|eventually|after that no|since then|ended up|"
            r"turned out (?:well|fine|"
            r"to)|worked out|it worked|(?:went|dropped|fell|rose|grew|increased|decreased|improved|"
            r"reduced) (?:by|to|from)"
            r"|paid off|(?:i|we) (?:learned|learnt|won|passed|saved|got)|what i (?:learned|learnt|took)|"
            r"taught me|"
            r"(?:customer|client|guest|patient|manager)s? (?:was|were) (?:happy|satisfied|pleased)|on time|"
            r"from (?:that|then)"
            r"|to this day|thanked|award|bonus|shipped|no longer|not a single|percent)\b",
            re.IGNORECASE,
        ),
        "other": re.compile(
            r"\b(?:i (?:think|believe|feel|am|like|love|hope|would|will|usually|always)|in my opinion|"
            r"would|should|"
            r"(?:it|that) is|that['’]s|if (?:i|somebody|that)|one (?:should|must)|important|essential|"
            r"people|everyone|"
            r"everybody|can|always|often|a good)\b",
            re.IGNORECASE,
        ),
    },
    "zh": {
        "situation": re.compile(
            r"当时|那时|那会儿|年前|去年|前年|上个月|刚(?:进|去|到|开始|入职|毕业)|实习期间|大[一二三四]|"
            r"之前在|"
            r"上一(?:家|份)|问题是|出现了|发生了|突然|一直(?:在|没)|没有人知道|原来(?:的|他|她)|背景|"
            r"有一次|那是|那年|坏了|"
            r"不满意|投诉(?:很多|特别多)"
        ),
        "task": re.compile(
            r"任务|目标|负责|职责|要求我|(?:让|叫|安排|派|希望)(?:我|我们)|由我|我(?:的角色|需要|必须|得|"
            r"要)|接下|"
            r"交给我|我们(?:需要|必须|得|要)|按计划"
        ),
        "result": re.compile(
            r"最后|最终|结果|终于|从那以后|从此|后来(?:他|她|客户|我们)|上线以后|(?:提高|增长|增加|上升|"
            r"下降|降低|减少|节省|"
            r"缩短)(?:了|到|至)|降到|学到|教训|让我(?:明白|懂得|学会|体会)|收获|表扬|奖|满意|通过了|"
            r"拿(?:到|下)了|成功|"
            r"再也没有|到现在|如期|按时|赶上|恢复了"
        ),
        "other": re.compile(
            r"我(?:觉得|认为|相信|想|希望|喜欢|是一个|一般|通常|平时|会)|在我看来|应该|应当|如果|假如|"
            r"非常重要|关键的|"
            r"人们|往往|总是|一个好的|将来|总之|可以"
        ),
    },
}
# What a story can be told with without telling anything: "The situation was hard, and the result was great."
_HOLLOW = """
situation task action result results problem problems issue challenge goal aim outcome end ended finally
first then next difficult hard tough challenging clear important good great excellent perfect best successful
success successfully happy satisfied everyone everybody everything did do done made make took take taken got
went worked work solved solve solution responsible acted quickly well really deal dealt handled handle
thing things way
learned learnt lot lots team time finished completed
"""
_HOLLOW_WORDS = frozenset(_HOLLOW.split())
_HOLLOW_HAN = frozenset(
    "情况境任务行动结果问题目标困难非常常好成功最后终完满意解决努力认真做事大家"
    "学到多时候当时我们然后首先处理采取负责很重要"
)
MIN_TOLD: dict[Language, int] = {"en": 2, "zh": 4}  # content words; characters
MANY_DEEDS, BARE_DEED = 3, 5  # deeds in a sentence; words or characters for each below which they are bare
_LATIN = re.compile(r"[A-Za-z]{2,}|\d+")


def tells_something(sentence: str, words: Sequence[str], language: Language) -> bool:
    """Whether it says more than that there was a situation, a task, an action, a result, and more than bare
    deeds in a row. `words`: its tokens."""
    deeds = len(OWN_ACTION[language].findall(sentence))
    han = lexical.HAN.findall(sentence) if language == "zh" else []
    if deeds >= MANY_DEEDS and (len(han) or len(words)) < BARE_DEED * deeds:
        return False
    if language == "zh":
        own = [char for char in han if char not in lexical.STATING | _HOLLOW_HAN]
        return len(own) + len(_LATIN.findall(sentence)) >= MIN_TOLD["zh"]
    told = {word for word in words if word not in lexical.FUNCTION_WORDS | _HOLLOW_WORDS}
    return len(told) >= MIN_TOLD["en"]
