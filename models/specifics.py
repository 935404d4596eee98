"""What makes an answer specific: numbers and dates, names of people, places and tools, and own actions.

Found by patterns, in both languages, for recognition writes numbers as words as often as figures. jieba's
part-of-speech tags were tried for Mandarin names: of the 11 that they found in the tests' answers 7 were
none (日志 "a place", 喝咖啡 "a person"), for 128 MB of memory. So names are what is written in Latin letters,
known tools and places, and people by surname and title.

A sentence counts for each kind once, and only if it says something around it: a list of numbers or names, the
same number again and the same deed again add nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.lexical import HAN, Language
from models.story_cues import OTHERS, OWN_ACTION

KINDS = ("own-action", "number", "name")
# (points of 100, how many earn them all). A convention: what the speaker did matters most.
WORTH = {"own-action": (50.0, 4), "number": (30.0, 3), "name": (20.0, 2)}
MIN_TOKENS = 5
MOST_LISTED = 0.5  # share of a sentence's words that may be numbers and names

_ONES = (
    r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty"
)
_NUMBER = {
    "en": re.compile(
        rf"\d+(?:[.,:]\d+)*%?|\b(?:(?:{_ONES})(?:[ -](?:one|{_ONES}))*|(?:a |one )?(?:hundred|thousand|"
        r"million|billion|dozen)s?|"
        r"(?:a |one )(?:third|quarter|fifth|tenth)|twice|half (?:a|an|of|the)|one (?:day|week|month|year|"
        r"hour|percent)|"
        r"percent|(?:19|20)\d\ds?|january|february|april|june|july|august|september|october|november|"
        r"december|"
        r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|christmas|in (?:march|may))\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"\d[\d.,:]*%?|百分之[零一二两三四五六七八九十百点半]+|[一二两三四五六七八九]成|"
        r"[二两三四五六七八九十百千万亿零〇][一二两三四五六七八九十百千万亿零〇几多]*"
        r"(?:个|名|位|人|年|月|天|日|周|次|倍|元|块|台|家|小时|分钟|秒|条|份|张|件|种|项|层|岁|公里|点|道|"
        r"头|箱|吨|期|届|度|批|门)|"
        r"一(?:年|个月|周|天|百|千|万|半|小时)|半年|半个?(?:月|小时|天)|[二两三四五六七八九十百千万亿]+多|"
        r"周[一二三四五六日末]|星期[一二三四五六日天]|"
        r"[零一二三四五六七八九〇]{4}年|(?:去|前|今)年|大[一二三四]|上个?(?:月|周|季度)"
    ),
}
_TOOLS = {
    "en": """
python java javascript typescript sql excel react docker kubernetes linux git github jira confluence sap
salesforce figma photoshop powerpoint tableau spark hadoop redis kafka postgres mysql mongodb jenkins aws
azure tensorflow pytorch wechat slack autocad matlab wordpress shopify hubspot zendesk oscilloscope arduino
""",
    "zh": """
钉钉 企业微信 微信 飞书 抖音 淘宝 京东 美团 拼多多 用友 金蝶 支付宝 小红书 华为 腾讯 阿里 百度 示波器 甘特图
数据透视表
""",
}
_PLACES = (
    "北京|上海|天津|重庆|广州|深圳|杭州|南京|苏州|武汉|成都|西安|长沙|郑州|青岛|济南|大连|沈阳|哈尔滨|长春|"
    "厦门|福州|合肥|南昌|昆明|贵阳|"
    "南宁|海口|兰州|银川|西宁|拉萨|太原|石家庄|呼和浩特|乌鲁木齐|无锡|宁波|东莞|佛山|珠海|温州|香港|澳门|"
    "台北|广东|浙江|江苏|山东|河南|河北|四川|"
    "湖北|湖南|福建|安徽|江西|云南|贵州|广西|海南|陕西|甘肃|辽宁|吉林|黑龙江|内蒙古|新疆|西藏|宁夏|青海|"
    "山西|英国|美国|德国|日本|韩国|法国"
)
_SURNAME = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾"
    "丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤"
    "尹黎易常武乔贺赖龚文"
)
_NAME = {
    "en": re.compile(rf"\b(?:{'|'.join(_TOOLS['en'].split())})\b", re.IGNORECASE),
    "zh": re.compile(
        rf"(?<![A-Za-z])[A-Za-z][A-Za-z+#.]*[A-Za-z+#0-9]|{'|'.join(_TOOLS['zh'].split())}|{_PLACES}|"
        rf"《[^》]+》|"
        rf"[小老][{_SURNAME}](?=[和说的跟在也帮来去把一，。、])|[{_SURNAME}][\u4e00-\u9fff]?"
        rf"(?:经理|主任|老师|总(?=[，。、的说让找])|医生|护士长|师傅|阿姨|教授|工(?=[，。、的说]))|(?:我叫|"
        rf"名叫)[{_SURNAME}][\u4e00-\u9fff]{{1,2}}"
    ),
}
_CAPITAL = re.compile(r"(?<![.!?…] )(?<!^)(?<![\"“‘'])\b[A-Z][\w+#-]+(?: [A-Z][\w+#-]+)*")
_NO_NAME = re.compile(
    r"^(?:I|OK|CV|Mr|Mrs|Ms|Dr|Miss|AM|PM|English|God|January|February|March|April|May|June|July|August|"
    r"September|October|November|December|Christmas|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?)$"
)


@dataclass(frozen=True, slots=True)
class Specific:
    """One of `KINDS`, the sentence it is in, and the words."""

    kind: str
    sentence: int
    words: str


@dataclass(frozen=True, slots=True)
class Specifics:
    """`found` in order; how often the speaker acts, and how often it is we, one or people."""

    found: tuple[Specific, ...]
    own: int
    others: int


def specifics(sentences: Sequence[str], said: Sequence[Sequence[str]], language: Language) -> Specifics:
    """`said`: each sentence as `lexical.tokens` cuts it."""
    found: list[Specific] = []
    seen: set[tuple[str, str]] = set()
    own = others = 0
    for index, (sentence, words) in enumerate(zip(sentences, said, strict=True)):
        others += len(OTHERS[language].findall(sentence))
        numbers = [match.group().lower() for match in _NUMBER[language].finditer(sentence)]
        names = _names(sentence, language)
        deeds = [match.group("verb").lower() for match in OWN_ACTION[language].finditer(sentence)]
        own += len(deeds)
        if len(words) < MIN_TOKENS or _units([*numbers, *names], language) > MOST_LISTED * _units(
            [sentence], language
        ):
            continue
        for kind, every in (("own-action", deeds), ("number", numbers), ("name", names)):
            new = [one for one in every if (kind, one.lower()) not in seen]
            seen.update((kind, one.lower()) for one in every)
            if new:
                found.append(Specific(kind, index, new[0]))
    return Specifics(tuple(found), own, others)


def value(found: Sequence[Specific]) -> float:
    """0–100."""
    points = 0.0
    for kind, (worth, enough) in WORTH.items():
        points += worth * min(sum(one.kind == kind for one in found), enough) / enough
    return round(points, 1)


def _names(sentence: str, language: Language) -> list[str]:
    names = [match.group() for match in _NAME[language].finditer(sentence)]
    # Where hardly anything is in lower case, capitals say nothing.
    if language == "en" and sum(map(str.islower, sentence)) > len(sentence) / 2:
        capital = [match.group() for match in _CAPITAL.finditer(sentence)]
        names += [one for one in capital if not _NO_NAME.match(one) and one not in names]
    return names


def _units(texts: Sequence[str], language: Language) -> int:
    """Words, or Han characters and words in Latin letters."""
    joined = " ".join(texts)
    han = len(HAN.findall(joined)) if language == "zh" else 0
    return han + len(re.findall(r"[^\W_]+", HAN.sub(" ", joined)))
