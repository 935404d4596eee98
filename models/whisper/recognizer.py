"""Speech recognition of short utterances: what the speech deployment calls."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.whisper import weights
from models.whisper.audio import (
    FRAMES,
    HOP,
    LEAST,
    LEAST_FINAL,
    SAMPLE_RATE,
    context_frames,
    log_mel,
    mel_filters,
)
from models.whisper.decode import Hypothesis, Rules, beam, first_scores, greedy
from models.whisper.network import Decoder, Encoder, Memory, prepare_for_cpu
from models.whisper.tokens import MANDARIN_PROMPT, Language, Vocabulary, mandarin
from models.whisper.utterances import Before
from models.whisper.words import Word, align, timed

Clip = NDArray[np.float32]

_SILENCE = 1e-4  # peak below which a clip holds nothing but rounding of 16-bit samples
_TOKENS_PER_SECOND = 14  # fast Mandarin needs about 8
_NO_SPEECH = 0.6  # with a doubtful text, the model's own word that nobody spoke (section 4.5 of the paper)
_DOUBTFUL = -1.0
_REPEATS = 2.4  # above this compression ratio (same section)
_CLOSING = ",.;:?!，。；：？！、"
_DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in one clip. `words` is empty unless times were asked for.

    `avg_logprob` is the mean log-probability per token, `compression_ratio` that of the text's bytes under
    zlib: above 2.4 it repeats itself.
    """

    text: str
    language: Language
    words: list[Word] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    avg_logprob: float = 0.0
    no_speech_probability: float = 1.0
    compression_ratio: float = 0.0

    @property
    def doubtful(self) -> bool:
        """No text, one that the model hardly believes in itself, or one that goes round in circles."""
        return not self.text or self.avg_logprob < _DOUBTFUL or self.compression_ratio > _REPEATS


@dataclass(frozen=True, slots=True)
class _Row:
    """One clip of a batch. `known`: the text that its prompt ends with."""

    clip: Clip
    language: Language
    before: Before | None

    @property
    def sound(self) -> Clip:
        return self.clip if self.before is None else np.concatenate([self.before.clip, self.clip])

    @property
    def known(self) -> str:
        if self.before is None:
            return ""
        return self.before.text if self.language == "zh" else " " + self.before.text

    @property
    def offset_s(self) -> float:
        return 0.0 if self.before is None else len(self.before.clip) / SAMPLE_RATE


class Whisper(nn.Module):
    """Whisper for English and Mandarin. A row's result does not depend on what shares its batch.

    Encoder context is cut to the clip's own length and 1.5 s of silence instead of 30 s; it is 4 s at least,
    and 12 s where word times are asked for, since those are finals.
    """

    def __init__(self, checkpoint: weights.Checkpoint) -> None:
        super().__init__()
        self.name = checkpoint.name
        self.vocabulary = Vocabulary(checkpoint.tokenizer, checkpoint.shape.vocabulary)
        self.alignment_heads = checkpoint.alignment_heads
        with torch.device("meta"):
            self.encoder = Encoder(checkpoint.shape)
            self.decoder = Decoder(checkpoint.shape)
        self.load_state_dict(checkpoint.state, assign=True)
        self.filters: Tensor
        self.register_buffer("filters", mel_filters(checkpoint.shape.mels), persistent=False)
        self.rules = Rules.build(
            size=checkpoint.shape.vocabulary,
            start=self.vocabulary.start,
            end=self.vocabulary.end,
            no_speech=self.vocabulary.no_speech,
            suppress=checkpoint.suppress,
            begin_suppress=checkpoint.begin_suppress,
        )

    @classmethod
    def load(
        cls, model: str | None = None, *, device: str = "cpu", dtype: str = "float32", threads: int = 1
    ) -> Whisper:
        """The embedded model, or a folder or Hugging Face id of a Whisper model in safetensors form.

        `dtype`: float32, bfloat16 (on CPU for the matrices alone), float16 (GPU only) or auto: the fastest
        that hears as well as float32 on this device. `threads` holds for the whole process, on CPU alone.
        Raises `models.store.WeightsMissing`, and `ValueError` for what is not a Whisper model.
        """
        if dtype == "auto":
            dtype = _fastest(device)
        allowed = [name for name in _DTYPES if device != "cpu" or name != "float16"]
        if dtype not in allowed:
            raise ValueError(f"dtype on {device} must be one of {', '.join(allowed)}, not {dtype!r}")
        whisper = cls(weights.load(model)).requires_grad_(False).eval()
        on_cpu = device == "cpu"
        whisper.encoder.to(device=device, dtype=torch.float32 if on_cpu else _DTYPES[dtype])
        whisper.decoder.to(device=device, dtype=torch.float32 if on_cpu else _DTYPES[dtype])
        if on_cpu:
            torch.set_num_threads(threads)
            prepare_for_cpu(whisper.encoder, whisper.decoder, _DTYPES[dtype])
        whisper.filters = whisper.filters.to(device)
        whisper.rules = whisper.rules.to(device)
        return whisper

    @property
    def languages(self) -> tuple[Language, ...]:
        return tuple(self.vocabulary.languages)

    @torch.inference_mode()
    def transcribe(
        self,
        clips: Sequence[Clip],
        languages: Sequence[Language],
        *,
        word_times: bool,
        beams: int = 1,
        before: Sequence[Before | None] | None = None,
    ) -> list[Transcript]:
        """Texts of clips of 16 kHz mono sound in -1..1, as one batch; `beams` above 1 is slower and better.

        `before`: the sound that goes directly before each clip and what it says, in the clip's language. The
        model hears it along and goes on from its text; where that leads to nothing or to a doubtful text,
        the clip is heard once more alone.

        An empty or silent clip gives an empty text. Raises `ValueError` for clips beyond 30 s, samples that
        are not finite, and Mandarin from an English-only model.
        """
        before = before or [None] * len(clips)
        if len(clips) != len(languages):
            raise ValueError(f"{len(clips)} clips but {len(languages)} languages")
        rows = [_Row(*of_one) for of_one in zip(clips, languages, before, strict=True)]
        results = [Transcript("", language) for language in languages]
        heard = [place for place, clip in enumerate(clips) if _check(clip)]
        self._hear(rows, heard, results, word_times, beams)
        again = [place for place in heard if rows[place].before and results[place].doubtful]
        for place in again:
            rows[place] = _Row(clips[place], languages[place], None)
        self._hear(rows, again, results, word_times, beams)
        return results

    def _hear(
        self, rows: list[_Row], places: list[int], results: list[Transcript], word_times: bool, beams: int
    ) -> None:
        """Decodes the rows at these places as one batch."""
        if not places:
            return
        chosen = [rows[place] for place in places]
        memory = self._listen([row.sound for row in chosen], LEAST_FINAL if word_times else LEAST)
        known = [self.vocabulary.encode(row.known) for row in chosen]
        prompts = [
            self.vocabulary.prompt(row.language) + text for row, text in zip(chosen, known, strict=True)
        ]
        limits = [int(len(row.clip) / SAMPLE_RATE * _TOKENS_PER_SECOND) + 12 for row in chosen]
        begun = [bool(text) for text in known]
        if beams > 1:
            hypotheses = beam(self.decoder, memory, prompts, limits, self.rules, beams, begun)
        else:
            hypotheses = greedy(self.decoder, memory, prompts, limits, self.rules, begun)
        texts = [
            self._text(hypothesis, row.language) for row, hypothesis in zip(chosen, hypotheses, strict=True)
        ]
        spoken = [n for n, text in enumerate(texts) if text]
        words: dict[int, list[Word]] = {}
        if word_times and spoken:
            words = self._words(memory, chosen, known, hypotheses, spoken)
        for n, (row, hypothesis, text) in enumerate(zip(chosen, hypotheses, texts, strict=True)):
            raw = text.encode()
            results[places[n]] = Transcript(
                text,
                row.language,
                words.get(n, []),
                hypothesis.tokens if text else [],
                hypothesis.avg_logprob,
                hypothesis.no_speech,
                len(raw) / len(zlib.compress(raw)) if raw else 0.0,
            )

    @torch.inference_mode()
    def detect_language(self, clips: Sequence[Clip]) -> list[Language]:
        """Which of English and Mandarin each clip is likelier to be; English where nothing is heard."""
        found: list[Language] = ["en"] * len(clips)
        heard = [row for row, clip in enumerate(clips) if _check(clip)]
        if not heard or not self.vocabulary.multilingual:
            return found
        memory = self._listen([clips[row] for row in heard])
        scores = first_scores(self.decoder, memory, self.vocabulary.start, len(heard))
        languages = self.vocabulary.languages
        is_mandarin = (scores[:, languages["zh"]] > scores[:, languages["en"]]).tolist()
        for row, likelier in zip(heard, is_mandarin, strict=True):
            found[row] = "zh" if likelier else "en"
        return found

    def _listen(self, clips: Sequence[Clip], least: float = LEAST) -> Memory:
        """Encodes clips as one batch, each with `least` seconds of context or more."""
        frames = [context_frames(len(clip), least) for clip in clips]
        mel = log_mel(clips, self.filters, max(frames)).to(self.decoder.embedding.dtype)
        if min(frames) == max(frames):
            return self.decoder.memory(self.encoder(mel))
        own = torch.tensor(frames, device=mel.device)
        return self.decoder.memory(self.encoder(mel, own), own // 2)

    def _text(self, hypothesis: Hypothesis, language: Language) -> str:
        # Going on from what was said before, the model may begin with the comma that belongs there.
        text = (
            self.vocabulary.decode(hypothesis.tokens).replace("\ufffd", "").strip().lstrip(_CLOSING).strip()
        )
        if language == "zh":
            text = mandarin(text)
        nobody = hypothesis.no_speech > _NO_SPEECH and hypothesis.avg_logprob < _DOUBTFUL
        return "" if nobody or text == MANDARIN_PROMPT else text

    def _words(
        self,
        memory: Memory,
        rows: Sequence[_Row],
        known: Sequence[Sequence[int]],
        hypotheses: Sequence[Hypothesis],
        spoken: Sequence[int],
    ) -> dict[int, list[Word]]:
        if len(spoken) < len(rows):
            memory = memory.select(torch.tensor(spoken, device=self.filters.device))
        times = align(
            self.decoder,
            memory,
            [self.vocabulary.header(rows[n].language) for n in spoken],
            [[*known[n], *hypotheses[n].tokens] for n in spoken],
            [-(-len(rows[n].sound) // (2 * HOP)) for n in spoken],
            self.alignment_heads,
            self.vocabulary.end,
        )
        found = {}
        for n, begins in zip(spoken, times, strict=True):
            row, hypothesis = rows[n], hypotheses[n]
            own = np.maximum(begins[len(known[n]) :] - row.offset_s, 0.0)
            words = timed(self.vocabulary, hypothesis.tokens, hypothesis.logprobs, own)
            if words and not words[0].text.strip(_CLOSING):
                words = words[1:]
            if row.language == "zh":
                words = [Word(mandarin(word.text), word.start, word.end, word.probability) for word in words]
            found[n] = words
        return found


def _fastest(device: str) -> str:
    """float16 on a GPU, bfloat16 where the processor has instructions for it, else float32."""
    if device != "cpu":
        return "float16"
    features = torch.cpu.get_capabilities()
    native = any(features.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))
    return "bfloat16" if native else "float32"


def _check(clip: Clip) -> bool:
    """Whether there is anything in the clip. Raises `ValueError` for what cannot be sound."""
    if clip.ndim != 1:
        raise ValueError(f"a clip is one row of samples, not of shape {clip.shape}")
    if len(clip) > FRAMES * HOP:
        raise ValueError(f"a clip may last 30 s, this one lasts {len(clip) / SAMPLE_RATE:.1f} s")
    if not np.isfinite(clip).all():
        raise ValueError("the clip holds samples that are not finite")
    return len(clip) > 0 and float(np.abs(clip).max()) > _SILENCE
