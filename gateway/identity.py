"""Is the person in the interview the one on the photo? Enrolment, comparison, and a look every ten seconds.

What is found is told and never acted on: no outcome ends an interview or keeps anybody out. Who begins
without a match is let in, and a person is asked to look. Everything runs on the event loop; vectors stay in
memory and, sealed, in `storage.faces`, never in events or answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Literal

import numpy as np
import structlog

from gateway.identity_photo import Busy, PhotoFace, PhotoRefused, Source, explained
from gateway.identity_standing import Standing, why_not
from gateway.problems import Problem
from gateway.shared import Shared
from inference.calls import InferenceFailed, InferenceUnavailable
from inference.messages import Crop, FaceEmbeddings
from interviews.events import (
    Event,
    IdentityChecked,
    IdentityEnrolled,
    IdentityHuman,
    IdentityVerified,
    IdentityWithdrawn,
    Payload,
    Policy,
    QuestionStarted,
)
from interviews.state import SessionState
from media.items import FaceSample, FaceUnclear
from models import registry
from storage.errors import StorageError
from storage.faces import FaceReference
from storage.sealing import WrongKey

FRAMES, FEWEST = 5, 3  # looks that a comparison rests on
WITHIN_S = 8.0
ATTEMPTS = 10  # comparisons a session may ask for: nobody may grope for a photo that passes
Outcome = Literal["match", "no-match", "insufficient"]
Record = Callable[[Payload], Awaitable[Event]]
log = structlog.get_logger("viva.identity")


class _Collecting:
    """Crops of one face, gathered until there are enough; why others could not be used."""

    def __init__(self) -> None:
        self.crops: list[Crop] = []
        self.track = -1
        self.reasons: Counter[str] = Counter()
        self.enough = asyncio.Event()

    def take(self, item: FaceSample | FaceUnclear, *, alone: bool) -> None:
        reason = "several" if not alone else why_not(item)
        if reason is not None:
            self.reasons[reason] += 1
        if item.track != self.track or not alone:
            self.crops, self.track = [], item.track  # somebody else: a mean over two people says nothing
        if alone and isinstance(item, FaceSample) and item.identity_crop is not None:
            self.crops.append(item.identity_crop)
            if len(self.crops) >= FRAMES:
                self.enough.set()


class IdentityVerifier:
    """One session's. `state` is its fold, `live` whether media flows, `want` asks media for a crop."""

    def __init__(
        self,
        session: str,
        shared: Shared,
        policy: Policy,
        *,
        state: Callable[[], SessionState],
        record: Record,
        note: Callable[[float, Payload], None],
        live: Callable[[], bool],
        want: Callable[[], None],
    ) -> None:
        self._session, self._shared = session, shared
        self._by_face = shared.settings.identity_by_face(policy)
        self._state, self._record, self._note = state, record, note
        self._live, self._want = live, want
        self._changing = asyncio.Lock()  # enrolling and erasing, one after the other
        self._collecting: _Collecting | None = None
        self._standing: Standing | None = None
        self._check: asyncio.Task[None] | None = None
        self._reference: FaceReference | None = None

    # --- what people ask of it -----------------------------------------------------------------------

    async def enrol(self, data: bytes, source: Source, *, consent: bool) -> IdentityEnrolled:
        """Make the photo's face the reference; the photo is dropped when this returns.

        Raises Problem: identity.by-human, identity.consent, identity.photo-refused (with `reasons`),
        inference.*; StorageError.
        """
        self._allowed()
        if not consent or not self._state().journey.allows("face"):
            raise Problem("identity.consent")
        face = await self._read(data, source)
        found = await self._embed(face.crop[None])
        async with self._changing:
            state = self._state()  # it may have ended, or consent been taken back, while the photo was read
            if state.over:
                raise Problem("session.ended")
            if not state.journey.allows("face"):
                raise Problem("identity.consent")
            await self._shared.references.keep(self._session, found.vectors[0], found.model)
            self._reference = self._standing = None
            enrolled = IdentityEnrolled(source=source, card=face.card, quality=face.notes, model=found.model)
            await self._record(enrolled)
        return enrolled

    async def verify(self) -> IdentityVerified:
        """Compare the live face with the reference, now. Takes as long as `WITHIN_S` where it shows badly.

        Raises Problem: identity.by-human, identity.not-enrolled, identity.busy, identity.attempts,
        identity.key, session.not-started, inference.*; StorageError.
        """
        self._allowed()
        identity = self._state().identity
        if not identity.enrolled:
            raise Problem("identity.not-enrolled")
        if not self._live():
            raise Problem("session.not-started")
        if self._collecting is not None:
            raise Problem("identity.busy", headers={"Retry-After": "2"})
        if identity.attempts >= ATTEMPTS:
            raise Problem("identity.attempts")
        self._collecting = collecting = _Collecting()
        try:
            reference = await self._kept()
            self._want()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(WITHIN_S):
                    await collecting.enough.wait()
            verified = await self._compared(reference, collecting)
            async with self._changing:
                if not self._state().identity.enrolled or self._reference is not reference:
                    raise Problem("identity.not-enrolled")  # withdrawn or replaced meanwhile
                await self._record(verified)
        finally:
            self._collecting = None
        self._standing = Standing() if verified.outcome == "match" else None
        return verified

    async def withdraw(self, actor: Literal["candidate", "hr", "operator", "retention"]) -> bool:
        """Erase the reference; whether there was one. Raises StorageError."""
        async with self._changing:
            self._reference = self._standing = None
            if not await self._shared.references.erase(self._session):
                return False
            await self._record(IdentityWithdrawn(actor=actor, deleted=("face-reference",)))
            return True

    async def close(self) -> None:
        """The interview is over: nothing is left to compare, so nothing is left to keep.

        May be called again: storage that refuses must not keep an interview from its result.
        """
        if self._check is not None:
            self._check.cancel()
        try:
            await self.withdraw("retention")
        except StorageError as error:
            log.error("face reference not erased yet", session=self._session, error=str(error))

    def asked(self, event: Event) -> None:
        """A question was asked. With the first one a person is asked for, where nobody knows who it is."""
        state = self._state()
        first = next(iter(state.questions), None)
        if isinstance(event.data, QuestionStarted) and event.data.question == first and state.identity_open:
            status = state.identity.status
            asked_for = IdentityHuman(decision="requested", actor="server", reason=status)
            self._note(event.media_time, asked_for)

    # --- what media says -----------------------------------------------------------------------------

    def see(self, item: FaceSample | FaceUnclear) -> None:
        """Every look at the main face, in order."""
        if self._collecting is not None:
            self._collecting.take(item, alone=self._alone)
            if not self._collecting.enough.is_set():
                self._want()
            return
        identity = self._state().identity
        if not identity.enrolled or identity.verified is None or identity.verified.outcome != "match":
            return
        if self._standing is None:  # the server was started anew
            self._standing = Standing(identity.standing or "same")
        if not self._standing.due(item) or (self._check is not None and not self._check.done()):
            return
        crop = item.identity_crop if isinstance(item, FaceSample) else None
        if self._alone and crop is not None:
            self._check = asyncio.create_task(self._look(item.media_time, crop, self._standing))
        else:
            self._tell(item.media_time, self._standing, None, "several" if not self._alone else why_not(item))

    async def _look(self, media_time: float, crop: Crop, standing: Standing) -> None:
        similarity, reason = None, None
        try:
            reference = await self._kept()
            found = await self._embed(crop[None])
            if found.model == reference.model:
                similarity = float(found.vectors[0] @ reference.vector)
            else:
                reason = "other-model"
        except (Problem, StorageError) as error:
            log.warning("identity not checked", session=self._session, error=str(error))
            reason = "unavailable"
        if standing is self._standing:  # neither withdrawn nor enrolled anew meanwhile
            self._tell(media_time, standing, similarity, reason)

    def _tell(
        self, media_time: float, standing: Standing, similarity: float | None, reason: str | None
    ) -> None:
        threshold = self._shared.settings.inference.identity.threshold
        verified = self._state().identity.verified
        result = standing.add(similarity, threshold)
        checked = IdentityChecked(
            result=result,
            state=standing.state,
            reason=reason,
            similarity=None if similarity is None else rounded(similarity),
            threshold=threshold,
            model=verified.model if verified else "",
        )
        self._note(media_time, checked)

    # --- the parts -----------------------------------------------------------------------------------

    @property
    def _alone(self) -> bool:
        return (self._state().faces or 0) <= 1

    def _allowed(self) -> None:
        if not self._by_face:
            raise Problem("identity.by-human")

    async def _read(self, data: bytes, source: Source) -> PhotoFace:
        try:
            return await self._shared.photos.read(data, source)
        except PhotoRefused as refused:
            raise Problem("identity.photo-refused", reasons=explained(refused.codes)) from refused
        except Busy:
            raise self._shared.later("inference.full") from None

    async def _kept(self) -> FaceReference:
        if self._reference is None:
            try:
                self._reference = await self._shared.references.get(self._session)
            except WrongKey as error:
                log.error("face reference cannot be opened", session=self._session, error=str(error))
                raise Problem("identity.key") from error
        if self._reference is None:
            raise Problem("identity.not-enrolled")
        return self._reference

    async def _embed(self, crops: Crop) -> FaceEmbeddings:
        inference = self._shared.inference
        if inference is None:
            raise self._shared.later("inference.starting")
        asked = time.perf_counter()
        try:
            found = await inference.embed(crops)
        except (InferenceUnavailable, InferenceFailed) as error:
            raise self._shared.later("identity.unavailable") from error
        self._shared.metrics.inference.labels("FaceIdentity").observe(time.perf_counter() - asked)
        return found

    async def _compared(self, reference: FaceReference, seen: _Collecting) -> IdentityVerified:
        """The mean of the similarities, not the similarity of the mean: the threshold was fixed on pairs."""
        threshold = self._shared.settings.inference.identity.threshold
        outcome: Outcome = "insufficient"
        reason: str | None = next((reason for reason, _ in seen.reasons.most_common(1)), "no-face")
        similarity = None
        if len(seen.crops) >= FEWEST:
            found = await self._embed(np.stack(seen.crops))
            if found.model == reference.model:
                similarity, reason = rounded(float((found.vectors @ reference.vector).mean())), None
                outcome = "match" if similarity >= threshold else "no-match"
            else:
                reason = "other-model"
        return IdentityVerified(
            outcome=outcome,
            reason=reason,
            similarity=similarity,
            threshold=threshold,
            false_match_rate=false_match_rate(reference.model, threshold),
            frames=len(seen.crops),
            model=reference.model,
        )


def rounded(similarity: float) -> float:
    return round(min(1.0, max(-1.0, similarity)), 3)


def false_match_rate(model: str, threshold: float) -> float | None:
    """As measured at this very threshold and written on the model's card; None where it was not."""
    name = f"false match rate at {threshold:.2f}".replace(" 0.", " .")
    card = registry.cards().get(model)
    return next((figure.value for figure in card.figures if figure.name == name), None) if card else None
