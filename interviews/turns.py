"""Whether the words so far leave a sentence open: a speaker who breaks off is thinking, not done.

A few words that end no clause, and punctuation; no grammar. Recognisers put a full stop after whatever they
heard last, so a stop proves nothing after "because", but does after "for", which ends many a question.
"""

from __future__ import annotations

import re

_OPEN_EN = """
and but or because although unless whether the a an my our your their its um uh uhm erm er hmm
"""
# These do, where the recogniser heard the end of the sentence.
_OPEN_UNSTOPPED_EN = """
so if when while that which who where then than as to of in on at by for with from about into is are was were
am be have has had will would can could should i we they he she this these like not very
"""
_OPEN_ZH = re.compile(
    "(?:但是|但|因为|所以|而且|或者|如果|虽然|不过|然后|还有|以及|比如|例如|就是|那么|而|和|跟|与|或|把|被|嗯+|呃+|额|那个|这个)$"
)
_STOPPED = re.compile("[.。!！?？][\"'”’」』)）]*$")
_HANGING = re.compile("(?:[,，、;；:：—–-]|\\.{2,}|…)[\"'”’」』)）]*$")
_EDGES = " \t\n.。!！?？,，、;；:：—–-…\"'“”‘’「」『』()（）"


def breaks_off(text: str) -> bool:
    """Whether `text`, the last words heard, stops in the middle of a clause. Empty text does not."""
    text = text.strip()
    if _HANGING.search(text):
        return True
    bare = text.rstrip(_EDGES)
    if _OPEN_ZH.search(bare):
        return True
    last = re.split(r"[\s" + re.escape(_EDGES.replace("'", "").replace("-", "")) + "]", bare)[-1].lower()
    return last in _OPEN_EN.split() or (last in _OPEN_UNSTOPPED_EN.split() and not _STOPPED.search(text))
