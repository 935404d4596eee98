"""Syllables of Mandarin as phonemes of Kokoro.

The notation is that of misaki 0.9 (https://github.com/hexgrad/misaki, Apache-2.0), with which Kokoro's
Mandarin voices were trained; the sounds are those of pinyin-to-ipa (Stefan Taubert, MIT), after Duanmu (2007)
and Lin (2007).
"""

from __future__ import annotations

from functools import cache

from pypinyin.contrib.tone_convert import to_finals, to_initials


def _table(entries: str) -> dict[str, str]:
    return dict(entry.split("=") for entry in entries.split())


TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
INITIALS = _table(
    """
    b=p p=pʰ m=m f=f d=t t=tʰ n=n l=l g=k k=kʰ h=x j=ʨ q=ʨʰ x=ɕ zh=ꭧ ch=ꭧʰ sh=ʂ r=ɻ z=ʦ c=ʦʰ s=s
    """
)
# `*`: where the tone goes.
FINALS = _table(
    """
    a=a* ai=ai* an=a*n ang=a*ŋ ao=au* e=ɤ* ei=ei* en=ə*n eng=ə*ŋ er=ɚ* i=i* ia=ja* ian=jɛ*n
    iang=ja*ŋ iao=jau* ie=je* in=i*n ing=i*ŋ iong=jʊ*ŋ iou=jou* o=wo* ong=ʊ*ŋ ou=ou* u=u* ua=wa*
    uai=wai* uan=wa*n uang=wa*ŋ uei=wei* uen=wə*n ueng=wə*ŋ uo=wo* ü=y* üan=ɥɛ*n üe=ɥe* ün=y*n
    """
)
# Whole syllables, mostly interjections.
ALONE = _table("o=ɔ* yo=jɔ* ê=ɛ* er=ɚ* m=m* n=n* ng=ŋ* hm=hm* hng=hŋ*")
APICAL = {"zh", "ch", "sh", "r", "z", "c", "s"}  # what follows them as `i` is another vowel


@cache
def phonemes(syllable: str) -> str:
    """Of pinyin with its tone as a digit, `zhong1`; 5 is the neutral tone. Empty for what is no syllable."""
    plain, tone = syllable[:-1], TONES.get(syllable[-1:])
    if tone is None:
        return ""
    if plain in ALONE:
        return ALONE[plain].replace("*", tone)
    initial = to_initials(plain, strict=True)
    final = to_finals(plain, strict=True, v_to_u=True)
    sound = "ɨ*" if final == "i" and initial in APICAL else FINALS.get(final, "")
    return (INITIALS.get(initial, "") + sound).replace("*", tone) if sound else ""
