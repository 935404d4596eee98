from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interviews.events import Language
from interviews.notices import (
    RESULTS,
    NoticeIncomplete,
    NoticeKind,
    Template,
    Variable,
    check,
    default_template,
    render,
    tells_score,
)

VALUES: dict[Variable, str] = dict.fromkeys(get_args(Variable), "x") | {"link": "https://viva.example/i/a.b"}


@pytest.mark.parametrize("kind", get_args(NoticeKind))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_defaults_are_faultless_and_complete(kind: NoticeKind, language: Language) -> None:
    template = default_template(kind, language)
    assert check(template) == []
    notice = render(template, VALUES)
    assert "[" not in notice.subject + notice.text
    assert ('<a href="https://viva.example/i/a.b">' in notice.html) is (kind not in RESULTS)


def test_variables_of_either_language() -> None:
    template = Template(kind="invite", language="zh", subject="[Job]", text="[姓名] [岗位名称] [链接] [时间]")
    assert check(template) == []
    assert render(template, VALUES).text == "x x https://viva.example/i/a.b x"


def test_faults_are_worded() -> None:
    faulty = Template(kind="invite", language="zh", subject="a\nb", text="[电话] [得分]")
    found = check(faulty)
    assert [each.code for each in found] == [
        "subject.lines",
        "variable.unknown",
        "variable.place",
        "link.missing",
    ]
    assert "[电话]" in found[1].zh
    assert "[Link]" in found[1].en
    late = Template(kind="passed", language="en", subject="s", text="[Link]")
    assert [each.code for each in check(late)] == ["variable.place"]


@pytest.mark.parametrize("text", ["[Score]", "[score]", "[ Score ]", "[得分]"])
def test_whether_a_score_is_told(text: str) -> None:
    told = Template(kind="passed", language="en", subject="s", text=text)
    assert check(told) == []
    assert tells_score(told)
    assert not tells_score(default_template("passed", "en"))


def test_a_missing_score_is_an_error() -> None:
    template = Template(kind="passed", language="en", subject="s", text="[Score]")
    with pytest.raises(NoticeIncomplete, match="Score"):
        render(template, {"name": "x"})


@given(st.text(max_size=80))
def test_values_are_neither_expanded_nor_markup(name: str) -> None:
    template = Template(kind="passed", language="en", subject="[Name]", text="A [Name] Z")
    notice = render(template, {**VALUES, "name": f"<b>[Score]{name}</b>"})
    assert notice.text == f"A <b>[Score]{name}</b> Z"
    assert "<b>" not in notice.html
    assert len(notice.subject.splitlines()) == 1
