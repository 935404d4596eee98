from __future__ import annotations

import pytest
from pydantic import ValidationError

from inference.settings import AffectSettings, AnswerSettings, InferenceSettings, LlmSettings, SpeechSettings


def test_by_default_all_four_run_on_the_cpu_with_one_thread_each() -> None:
    deployments = InferenceSettings().deployments()
    assert list(deployments) == ["SpeechRecognition", "FacialAffect", "Liveness", "AnswerQuality"]
    assert {(of.torch_device, of.threads) for of in deployments.values()} == {("cpu", 1)}
    assert sum(of.num_cpus for of in deployments.values()) <= 2


def test_facial_affect_is_left_out_where_it_is_forbidden() -> None:
    settings = InferenceSettings(affect=AffectSettings(enabled=False))
    assert "FacialAffect" not in settings.deployments()


def test_models_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SPEECH_MODEL", "AFFECT_MODEL", "LIVENESS_MODEL", "ANSWER_MODEL"):
        monkeypatch.setenv(name, f"/models/{name}")
    settings = InferenceSettings()
    assert [of.model for of in settings.deployments().values()] == [
        "/models/SPEECH_MODEL",
        "/models/AFFECT_MODEL",
        "/models/LIVENESS_MODEL",
        "/models/ANSWER_MODEL",
    ]
    monkeypatch.setenv("SPEECH_MODEL", "")
    assert InferenceSettings().speech.model is None


def test_a_share_of_a_gpu_means_cuda() -> None:
    assert SpeechSettings(num_gpus=0.5, dtype="float16").torch_device == "cuda"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"device": "cuda"}, "num_gpus"),
        ({"dtype": "float16"}, "needs a GPU"),
        ({"slotz": 3}, "slotz"),
        ({"nice": 20}, "less than or equal to 19"),
    ],
)
def test_what_cannot_work_is_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        SpeechSettings.model_validate(settings)


def test_no_language_model_is_asked_unless_one_is_named() -> None:
    assert InferenceSettings().answers.llm is None
    with pytest.raises(ValidationError, match="model"):
        LlmSettings.model_validate({"endpoint": "https://llm.example.org/v1"})
    assert LlmSettings(model="folder").endpoint is None


def test_its_key_comes_from_the_environment_and_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWER_LLM_API_KEY", "very-secret")
    settings = InferenceSettings(answers=AnswerSettings(llm=LlmSettings(model="m", endpoint="https://h/v1")))
    key = settings.answers.llm and settings.answers.llm.api_key
    assert key is not None
    assert key.get_secret_value() == "very-secret"
    assert "very-secret" not in repr(settings) + str(settings) + settings.model_dump_json()


@pytest.mark.parametrize(
    "endpoint", ["llm.example.org", "ftp://h/v1", "https://user:pass@h/v1", "https://h/v1?api-key=1"]
)
def test_an_endpoint_is_an_address_and_nothing_else(endpoint: str) -> None:
    with pytest.raises(ValidationError, match="without credentials"):
        LlmSettings(model="m", endpoint=endpoint)


def test_the_embedded_rating_must_be_able_to_stand_in_before_the_deadline() -> None:
    with pytest.raises(ValidationError, match="budget_s must be below"):
        AnswerSettings(deadline_s=30, llm=LlmSettings(model="m"))
