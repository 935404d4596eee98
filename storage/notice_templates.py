"""Templates of notices that somebody has written, by branch, kind and language."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select

from interviews.events import Language
from interviews.notices import NoticeKind, Template, default_template
from storage.database import Database
from storage.tables_invitations import notice_templates as table


class NoticeTemplates:
    """Every method raises StorageFull or StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, branch: str, kind: NoticeKind, language: Language) -> tuple[Template, bool]:
        """The branch's own (True), else the default."""
        query = select(table.c.subject, table.c.text).where(*_key(branch, kind, language))
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return default_template(kind, language), False
        return Template(kind=kind, language=language, subject=row.subject, text=row.text), True

    async def put(self, branch: str, template: Template, at: datetime, by: str) -> None:
        """One that was checked (`interviews.notices.check`)."""
        values = {"branch": branch, **template.model_dump(), "saved_at": at, "saved_by": by}
        async with self._database.write() as connection:
            key = _key(branch, template.kind, template.language)
            await connection.execute(delete(table).where(*key))
            await connection.execute(insert(table), values)


def _key(branch: str, kind: NoticeKind, language: Language) -> tuple[ColumnElement[bool], ...]:
    return (table.c.branch == branch, table.c.kind == kind, table.c.language == language)
