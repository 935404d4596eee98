"""Events on their way to the people who watch one session.

A subscriber that falls behind loses nothing that was logged: its queue is bounded, and where the sequence
numbers have a hole it reads the log again. Transient events (`seq` 0) are simply skipped by a slow reader.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator

from interviews.events import Event, ResultReady
from storage.event_log import EventLog

QUEUE = 256


class Subscription:
    """One reader's bounded queue. The newest event pushes out the oldest; `behind` says that it happened."""

    def __init__(self) -> None:
        self.queue: deque[Event] = deque(maxlen=QUEUE)
        self.behind = False
        self.closed = False
        self._wake = asyncio.Event()

    def push(self, event: Event) -> None:
        if len(self.queue) == QUEUE and self.queue[0].seq:
            self.behind = True
        self.queue.append(event)
        self._wake.set()

    def close(self) -> None:
        self.closed = True
        self._wake.set()

    async def wait(self, timeout_s: float) -> bool:
        """True when something happened, False when nothing did in that time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._wake.wait()
        except TimeoutError:
            return False
        self._wake.clear()
        return True


class Hub:
    """Publishes one session's events to its subscribers, in order, without waiting for any of them."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()
        self._closed = False

    def publish(self, event: Event) -> None:
        for subscription in self._subscriptions:
            subscription.push(event)

    def subscribe(self) -> Subscription:
        subscription = Subscription()
        if self._closed:
            subscription.close()
        else:
            self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        self._subscriptions.discard(subscription)

    def close(self) -> None:
        """Nothing more will come: readers finish what they have and stop."""
        self._closed = True
        for subscription in self._subscriptions:
            subscription.close()


async def follow(
    log: EventLog, hub: Hub | None, session: str, after: int, ping_s: float
) -> AsyncGenerator[Event | None]:
    """Every logged event with seq > `after`, then what comes, live; None after each `ping_s` of quiet.

    Ends after `result.ready`, or when the hub closes (None for a session that is over). Raises StorageError.
    """
    subscription = hub.subscribe() if hub else None
    ready = False
    try:
        while True:
            while page := await log.read(session, after=after):
                for event in page:
                    yield event
                    ready = ready or isinstance(event.data, ResultReady)  # notes may follow it
                after = page[-1].seq
            if ready or subscription is None:
                return
            subscription.behind = False
            while not subscription.behind:
                if not subscription.queue:
                    if subscription.closed:
                        return
                    if not await subscription.wait(ping_s):
                        yield None
                    continue
                event = subscription.queue.popleft()
                if event.seq and event.seq <= after:
                    continue
                if event.seq > after + 1:
                    break  # a hole: the log has what the queue lost
                after = event.seq or after
                yield event
                if isinstance(event.data, ResultReady):
                    return
    finally:
        if hub and subscription:
            hub.unsubscribe(subscription)
