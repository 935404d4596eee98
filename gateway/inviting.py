"""What inviting works with: the repositories, the links, the channels that carry notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from gateway.invitation_links import InvitationLinks
from gateway.notices_settings import NoticesSettings
from integrations.notifier import Notifier
from integrations.smtp import SmtpNotifier
from interviews.dimensions import ByLanguage
from interviews.events import Language
from interviews.plan import Question
from interviews.rubric import RubricDimension
from storage.database import Database
from storage.invitations import Invitations
from storage.notice_templates import NoticeTemplates
from storage.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Designed:
    """A plan as inviting needs it. `questions`: those of one language, ready to be asked, or ValueError where
    the plan cannot be held in it; `dimensions`: what they are scored on."""

    plan: str
    version: int
    job_title: ByLanguage
    record: bool
    questions: Callable[[Language], tuple[Question, ...]]
    dimensions: tuple[RubricDimension, ...] = ()
    practice: bool = True
    survey: bool = True


class Plans(Protocol):
    """Where designed interviews are kept."""

    async def get(self, plan_id: str, version: int | None = None) -> Designed | None:
        """`version` None: the newest. None: there is no such plan. Raises Problem plan.invalid;
        StorageError."""


@dataclass(slots=True)
class Inviting:
    """`notifiers` by channel; `plans` None: only questions given with the request can be asked."""

    settings: NoticesSettings
    invitations: Invitations
    outbox: Outbox
    templates: NoticeTemplates
    links: InvitationLinks
    notifiers: Mapping[str, Notifier] = field(default_factory=dict)
    plans: Plans | None = None

    @classmethod
    def open(cls, database: Database, settings: NoticesSettings, secret: str) -> Inviting:
        """Raises OSError or ValueError where the settings of e-mail cannot be used."""
        notifiers: dict[str, Notifier] = {}
        if settings.smtp is not None:
            notifiers[SmtpNotifier.channel] = SmtpNotifier(settings.smtp)
        return cls(
            settings,
            Invitations(database),
            Outbox(database),
            NoticeTemplates(database),
            InvitationLinks(secret, timedelta(days=settings.longest_days)),
            notifiers,
        )
