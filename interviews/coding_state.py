"""The candidate's code as a fold over the log: what is written, ran, counts and is to be done."""

from __future__ import annotations

from dataclasses import dataclass, field

from interviews.coding import LANGUAGES, CodeLanguage
from interviews.coding_events import CodeChecked, CodeRan, CodeSaved, CodeSubmitted
from interviews.events import Event, SessionCreated
from interviews.plan import Question


@dataclass(slots=True)
class CodeWork:
    """The code to one question. `sources`: the newest by language; `language`: the one last written in."""

    language: CodeLanguage | None = None
    sources: dict[CodeLanguage, str] = field(default_factory=dict)
    saved_at: float | None = None  # media time
    runs: int = 0
    last_run: CodeRan | None = None
    ran_at: float | None = None
    submitted: CodeSubmitted | None = None
    submitted_at: float = 0.0
    submission: int = 0  # seq of the submission; 0 where storage refused it
    checked: CodeChecked | None = None  # of that submission

    @property
    def written(self) -> CodeSaved | None:
        """What was last saved."""
        if self.language is None:
            return None
        return CodeSaved(question="", language=self.language, source=self.sources[self.language])

    @property
    def unsubmitted(self) -> bool:
        """Whether something else was saved than what was submitted last."""
        now = self.written
        if now is None or not now.source.strip():
            return False
        was = self.submitted
        return was is None or (was.language, was.source) != (now.language, now.source)


@dataclass(slots=True)
class Code:
    """By question; only coding questions with a task have any. Never raises, whatever the log holds."""

    work: dict[str, CodeWork] = field(default_factory=dict)
    tasks: dict[str, Question] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        data = event.data
        if isinstance(data, SessionCreated):
            if not self.tasks:
                self.tasks = {one.id: one for one in data.questions if one.task is not None}
            return
        if not isinstance(data, CodeSaved | CodeRan | CodeSubmitted | CodeChecked):
            return
        if data.question not in self.tasks:
            return
        work = self.work.setdefault(data.question, CodeWork())
        match data:
            case CodeSaved(language=language, source=source):
                work.language, work.saved_at = language, event.media_time
                work.sources[language] = source
            case CodeRan():
                work.last_run, work.ran_at = data, event.media_time
                work.runs += 1
            case CodeSubmitted(language=language, source=source):
                work.language = language
                work.sources[language] = source
                work.submitted, work.submission, work.submitted_at = data, event.seq, event.media_time
                work.checked = None
            case CodeChecked(submitted=submission):
                if work.submitted is not None and submission == work.submission and self._fits(data):
                    work.checked = data

    def of(self, question: str) -> CodeWork:
        return self.work.get(question) or CodeWork()

    @property
    def languages(self) -> tuple[CodeLanguage, ...]:
        """All that are offered."""
        offered = {
            one for question in self.tasks.values() if question.task for one in question.task.languages
        }
        return tuple(one for one in LANGUAGES if one in offered)

    @property
    def unsubmitted(self) -> tuple[str, ...]:
        return tuple(id_ for id_, work in self.work.items() if work.unsubmitted)

    @property
    def unchecked(self) -> tuple[str, ...]:
        """Submitted, and there are cases, but what they show is not on the log."""
        return tuple(
            id_
            for id_, work in self.work.items()
            if work.submitted is not None and work.checked is None and self._cases(id_)
        )

    def _fits(self, checked: CodeChecked) -> bool:
        task = self.tasks[checked.question].task
        return task is not None and all(one.case < len(task.cases) for one in checked.results)

    def _cases(self, question: str) -> bool:
        task = self.tasks[question].task
        return task is not None and bool(task.cases)
