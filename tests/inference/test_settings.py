from __future__ import annotations

import pytest
from pydantic import ValidationError

from inference.settings import AffectSettings, InferenceSettings, SpeechSettings


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
