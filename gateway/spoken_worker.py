"""The process that reads questions aloud: `python -m gateway.spoken_worker FOLDER MAX_MB`.

A process of its own, of the lowest priority: neither the interpreter's lock nor a core may be kept from
packets, and the memory of the voices comes back when it ends. One line of JSON in, one out (`Order`, `Done`);
it ends with its input, so with the gateway too.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal, Protocol

from pydantic import BaseModel

from media.speech_file import CONTENT_TYPES, encode
from models.speaking.speech import NAMES, Language, Sound, SpeechError
from models.speaking.voices import Voices
from models.store import WeightsError
from storage.spoken import SpokenFiles, key

KINDS = tuple(CONTENT_TYPES)
NICE = 19
LONGEST = 1200  # characters; about five minutes


class Order(BaseModel):
    text: str
    language: Language

    @property
    def key(self) -> str:
        return key(NAMES[self.language], self.language, self.text)


class Done(BaseModel):
    """busy: another process renders just now. unspeakable: this text never will be. failed: this time."""

    state: Literal["rendered", "kept", "busy", "unspeakable", "unavailable", "failed"]
    reason: str = ""


class Speaks(Protocol):
    def speak(self, text: str, language: Language) -> Sound:
        """Raises SpeechError, WeightsError."""


def work(order: Order, files: SpokenFiles, voices: Speaks, max_bytes: int) -> Done:
    """Renders unless it is there already. Never raises."""
    try:
        with files.turn() as mine:
            if files.has(order.key, KINDS):
                return Done(state="kept")
            if not mine:
                return Done(state="busy")
            if len(order.text) > LONGEST:
                return Done(state="unspeakable", reason=f"longer than {LONGEST} characters")
            sound = voices.speak(order.text, order.language)
            files.keep(order.key, {kind: encode(sound.samples, sound.rate, kind) for kind in KINDS})
            files.tidy(max_bytes)
            return Done(state="rendered")
    except SpeechError as error:
        return Done(state="unspeakable", reason=str(error))
    except (WeightsError, ImportError) as error:
        return Done(state="unavailable", reason=str(error))
    except Exception as error:
        return Done(state="failed", reason=repr(error))


def main(arguments: list[str]) -> int:
    os.nice(NICE)
    files, max_bytes = SpokenFiles(Path(arguments[0])), round(float(arguments[1]) * 1e6)
    voices = Voices()
    # Whatever a library prints must not come between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        done = work(Order.model_validate_json(line), files, voices, max_bytes)
        print(done.model_dump_json(), file=answers, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
