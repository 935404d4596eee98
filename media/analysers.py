"""What all sessions of a process share: the models that run beside the packets, and their two threads."""

from __future__ import annotations

from media.endpointing import VoiceActivityModel
from media.finding import FaceFinder
from media.voice import PitchModel
from media.worker import Worker


class Analysers:
    """Voice activity, pitch, face detector and mesh. Sound is judged on one thread, pictures on another.

    Ingests use the models on these threads alone; the event loop only moves packets and items.
    """

    def __init__(
        self, voice_activity: VoiceActivityModel, faces: FaceFinder, pitch: PitchModel | None = None
    ) -> None:
        self.voice_activity = voice_activity
        self.pitch = pitch
        self.faces = faces
        self.sound = Worker("media-sound")
        self.pictures = Worker("media-pictures")

    @classmethod
    def load(cls) -> Analysers:
        """Loads the weights; raises `models.store.WeightsMissing`. Takes about a second."""
        from models.pitch import Pitch  # onnxruntime: not needed to import this module
        from models.vad import VoiceActivity

        return cls(VoiceActivity.load(), FaceFinder.load(), Pitch.load())

    def close(self) -> None:
        """Ends both threads. Close the ingests first."""
        self.sound.close()
        self.pictures.close()
