"""The annotations of those who watched, as they are now; as they were before stands in the log."""

from __future__ import annotations

from dataclasses import dataclass, field

from interviews.events import Event
from interviews.live_events import AnnotationAdded, AnnotationDeleted, AnnotationEdited


@dataclass(slots=True)
class Annotations:
    """By id, in the order in which they were added. Never raises."""

    current: dict[str, AnnotationAdded | AnnotationEdited] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        match event.data:
            case AnnotationAdded(id=id_) as added:
                self.current.setdefault(id_, added)
            case AnnotationEdited(id=id_) as edited if id_ in self.current:
                self.current[id_] = edited
            case AnnotationDeleted(id=id_):
                self.current.pop(id_, None)
