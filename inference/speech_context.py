"""What a session said last: short utterances are heard better after what went before them."""

from __future__ import annotations

from inference.messages import SAMPLE_RATE, Said


class Context:
    """The last utterances whose texts are known, as far as they fit into `seconds`.

    Replica and gateway each keep one. A replica that takes a session over is told what the gateway's holds,
    so that its texts come out as they would have where the session was before.
    """

    def __init__(self, seconds: float) -> None:
        self.limit = int(seconds * SAMPLE_RATE)
        self._said: dict[int, Said] = {}

    def add(self, number: int, said: Said) -> None:
        """Utterances come in the order of their numbers; one without words is no context."""
        if said.text:
            self._said[number] = said
        while sum(each.pcm.size for each in self._said.values()) > self.limit:
            del self._said[min(self._said)]

    def clear(self) -> None:
        """An utterance longer than all the room came between."""
        self._said.clear()

    def before(self, number: int, samples: int) -> tuple[Said, ...]:
        """For an utterance of so many samples: what fits before it, oldest first."""
        room, found = self.limit - samples, []
        for earlier in sorted((n for n in self._said if n < number), reverse=True):
            room -= self._said[earlier].pcm.size
            if room < 0:
                break
            found.append(self._said[earlier])
        return tuple(reversed(found))

    def items(self) -> list[tuple[int, Said]]:
        return sorted(self._said.items())
