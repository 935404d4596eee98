"""AnswerQuality with a language model behind a scripted endpoint, as Serve would hold it."""

from __future__ import annotations

import asyncio

from inference.deployments import AnswerQuality
from inference.messages import AnswerRequest, DimensionAsked, Sentence
from inference.settings import AnswerSettings, LlmSettings
from models.answers import RUBRIC as EMBEDDED
from models.embedding import DEFAULT_NAME
from models.llm.rater import RUBRIC
from tests.models.answer_material import KEY_POINTS, ON_TOPIC, QUESTION
from tests.models.llm.scripted import Prompt, Reply, judged, scripted

REQUEST = AnswerRequest(
    "s",
    "q",
    "zh",
    QUESTION["zh"],
    KEY_POINTS["zh"],
    tuple(Sentence(text, 5.0 * n, 5.0 * n + 4) for n, text in enumerate(ON_TOPIC["zh"])),
    dimensions=(DimensionAsked("care", "细心", ("一", "二", "三", "四", "五")),),
)


def settings(url: str) -> AnswerSettings:
    llm = LlmSettings(endpoint=url, model="judge", timeout_s=30, attempts=1, budget_s=50)
    return AnswerSettings(llm=llm, nice=0)


async def test_the_model_rates_and_its_name_says_where_the_words_went() -> None:
    asked: list[str] = []

    def script(prompt: Prompt) -> Reply:
        asked.extend(prompt.scales)
        return judged(prompt, 4)

    with scripted(script) as server:
        quality = AnswerQuality(settings(server.url))
        results = await asyncio.gather(*(quality.rate(REQUEST) for _ in range(3)))
        assert results[0] == results[1] == results[2]
        found = {measure.name: measure for measure in results[0].measures}
        assert (found["relevance"].value, found["dimension:care"].value) == (75, 75)
        assert found["relevance"].quotes == (ON_TOPIC["zh"][0].rstrip("。"),)
        assert results[0].rubric == RUBRIC
        assert results[0].model == await quality.ping() == f"judge@{server.url.split('/')[2]}"
        assert "dimension:care" in asked


async def test_without_an_answer_from_it_the_embedded_rating_comes_and_says_so() -> None:
    with scripted(lambda _: Reply(status=503)) as server:
        result = await AnswerQuality(settings(server.url)).rate(REQUEST)
    assert (result.model, result.rubric) == (DEFAULT_NAME, EMBEDDED)
    assert [flag.name for flag in result.flags] == ["rated-by-fallback"]
