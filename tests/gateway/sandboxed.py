"""Skips, loudly, what needs a sandbox where this machine has none."""

from __future__ import annotations

from functools import cache

import pytest

from gateway.code_runner.messages import Able
from gateway.code_runner.runner import CodeRunner
from gateway.code_settings import CodeSettings
from interviews.coding import CodeLanguage

# Not of the lowest priority: other tests keep the machine busy.
SETTINGS = CodeSettings(at_once=1, nice=0, save_every_s=0.01, run_every_s=0.0, save_bytes_s=1e9)


@cache
def _known() -> dict[CodeLanguage, Able]:
    return {}


async def need(runner: CodeRunner, language: CodeLanguage) -> None:
    """Asked once per language and run of the tests."""
    able = _known().get(language) or await runner.able(language)
    _known()[language] = able
    if able.fault:
        pytest.skip(f"NO SANDBOX for {language} on this machine, its attacks are not tested: {able.fault}")
