"""Jobs over HTTP: kept, described by a text or a file, and what their descriptions ask for."""

from __future__ import annotations

import asyncio
import secrets

from gateway.branches import actor, listed, within
from gateway.design_models import (
    DescriptionView,
    JobChange,
    JobList,
    JobsQuery,
    JobView,
    KeywordView,
    NewJob,
    Recommendations,
    SuggestedQuestion,
)
from gateway.designs import Designs
from gateway.operations import Call
from gateway.problems import Problem
from inference.calls import InferenceFailed, InferenceUnavailable
from integrations.documents import DocumentError, plain_text
from interviews.bank import BankQuestion
from interviews.dimensions import Dimension
from interviews.jobs import Found, Job, Recommendation
from models.lexical import is_language
from models.topics import JobMatch, JobText, Language, Phrase, QuestionText, Topic
from storage.design import DesignMissing, DesignTaken, JobRow

LONGEST = 50_000  # characters of a description


def designs(call: Call) -> Designs:
    return call.service.shared.designs


async def list_jobs(call: Call) -> JobList:
    query: JobsQuery = call.query
    rows = await designs(call).jobs.list(listed(call, query.branch), closed=query.closed)
    return JobList(jobs=[_view(row) for row in rows])


async def create_job(call: Call) -> JobView:
    asked: NewJob = call.body
    job = Job(**asked.model_dump(exclude={"id"}), id=asked.id or f"job-{secrets.token_hex(5)}")
    try:
        return _view(await designs(call).jobs.create(job, actor(call)))
    except DesignTaken:
        raise Problem("design.taken", where=job.id) from None


async def get_job(call: Call) -> JobView:
    return _view(await row_of(call))


async def change_job(call: Call) -> JobView:
    change: JobChange = call.body
    row = await row_of(call)
    given = change.model_dump(exclude={"closed"}, exclude_none=True)
    closed = row.closed if change.closed is None else change.closed
    return _view(await designs(call).jobs.save(row.job.model_copy(update=given), actor(call), closed=closed))


async def close_job(call: Call) -> JobView:
    """It is listed no more; plans and invitations that refer to it keep it."""
    row = await row_of(call)
    return _view(await designs(call).jobs.save(row.job, actor(call), closed=True))


async def describe(call: Call) -> DescriptionView:
    """Reads the file and keeps its text as the job's description; the file itself is kept nowhere."""
    row = await row_of(call)
    try:
        async with designs(call).reading:
            text = await asyncio.to_thread(plain_text, call.body)
    except DocumentError as error:
        raise Problem(f"document.{error.code}") from error
    if len(text) > LONGEST:
        raise Problem("document.too-large", where=f"{LONGEST} characters at most")
    changed = row.job.model_copy(update={"description": text})
    await designs(call).jobs.save(changed, actor(call), closed=row.closed)
    return DescriptionView(text=text)


async def recommend(call: Call) -> Recommendations:
    job = (await row_of(call)).job
    if not job.description.strip():
        raise Problem("job.no-description")
    inference = call.service.shared.inference
    if inference is None:
        raise call.service.shared.later("inference.starting")
    dimensions = {id_: one for id_, (one, _) in (await designs(call).dimensions(job.branch)).items()}
    bank = {id_: one for id_, (one, _) in (await designs(call).bank(job.branch)).items()}
    language: Language = "zh" if is_language(job.description, "zh") else "en"
    try:
        match = await inference.match(_job_text(job, dimensions, bank, language))
    except InferenceUnavailable as error:
        raise call.service.shared.later("inference.matching") from error
    except InferenceFailed as error:
        raise Problem("inference.matching") from error
    return _recommendations(match, bank)


async def row_of(call: Call) -> JobRow:
    try:
        row = await designs(call).jobs.get(call.request.match_info["job"])
    except DesignMissing:
        raise Problem("design.unknown") from None
    within(call, row.job.branch)
    return row


def _job_text(
    job: Job, dimensions: dict[str, Dimension], bank: dict[str, BankQuestion], language: Language
) -> JobText:
    """Texts in the language of the description, where there are any; questions for other roles left out."""
    topics = tuple(
        Topic(
            id_,
            one.name.get(language) or next(iter(one.name.values()), ""),
            one.about.get(language) or next(iter(one.about.values()), ""),
            tuple(dict.fromkeys(word for words in one.keywords.values() for word in words if word.strip())),
        )
        for id_, one in dimensions.items()
    )
    questions = tuple(
        QuestionText(id_, one.text[language], one.dimensions)
        for id_, one in bank.items()
        if one.text.get(language) and (not job.role or not one.roles or job.role in one.roles)
    )
    return JobText(job.description, topics, questions)


def _recommendations(match: JobMatch, bank: dict[str, BankQuestion]) -> Recommendations:
    return Recommendations(
        language=match.language,
        keywords=[
            KeywordView(text=one.text, weight=one.weight, spans=list(one.spans)) for one in match.keywords
        ],
        dimensions=[
            Recommendation(
                dimension=fit.id, weight=fit.weight, found=tuple(_found(phrase) for phrase in fit.phrases)
            )
            for fit in match.topics
        ],
        questions=[
            SuggestedQuestion(question=bank[fit.id], score=fit.score, why=_found(fit.phrase))
            for fit in match.questions
        ],
        reason=match.reason,
        model=match.model,
    )


def _found(phrase: Phrase) -> Found:
    return Found(text=phrase.text, start=phrase.start, end=phrase.end, score=phrase.score)


def _view(row: JobRow) -> JobView:
    return JobView(
        job=row.job, closed=row.closed, created_at=row.created_at, updated_at=row.updated_at, by=row.by
    )
