"""UDP sockets read in batches: while packets keep coming, the event loop wakes for many at once.

A wake-up costs more than a packet. The first packet after a pause is read at once; from then on sockets are
read every `PERIOD_S` until a period brings nothing (as network drivers do under load, Linux NAPI). A packet
so waits `PERIOD_S` at most.
"""

from __future__ import annotations

import asyncio
import logging
import selectors
import socket
import weakref
from typing import Any

PERIOD_S = 0.01
MOST = 64  # datagrams that one socket may bring per period: no flood starves the others
LARGEST = 4096  # bytes; media is far below an Ethernet frame's 1500
BUFFER = 262_144  # bytes the kernel keeps: a period's worth of a burst
log = logging.getLogger("viva.media")
_readers: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Reader] = weakref.WeakKeyDictionary()


def bind(host: str, protocol: asyncio.DatagramProtocol) -> None:
    """Gives `protocol` a transport on a free port of this address. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        sock.bind((host, 0))
    except OSError:
        sock.close()
        raise
    loop = asyncio.get_running_loop()
    reader = _readers.get(loop)
    if reader is None:
        reader = _readers[loop] = Reader(loop)
    transport = BatchedTransport(loop, sock, protocol, reader)
    reader.add(transport)
    protocol.connection_made(transport)


class BatchedTransport(asyncio.DatagramTransport):
    """One socket. What cannot be sent at once is dropped, as a network would."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        protocol: asyncio.DatagramProtocol,
        reader: Reader,
    ) -> None:
        super().__init__({"socket": sock, "sockname": sock.getsockname()})
        self.sock = sock
        self._loop, self._protocol, self._reader = loop, protocol, reader
        self._closing = False

    def sendto(self, data: Any, addr: Any = None) -> None:
        if self._closing:
            return
        try:
            self.sock.sendto(data, addr)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._protocol.error_received(error)

    def read(self) -> None:
        """Hands on what has come, at most `MOST` datagrams."""
        receive, protocol = self.sock.recvfrom, self._protocol
        for _ in range(MOST):
            if self._closing:  # by what it was told of the last one
                return
            try:
                data, address = receive(LARGEST)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                protocol.error_received(error)
                continue
            try:
                protocol.datagram_received(data, address)
            except Exception:
                log.exception("a datagram's receiver failed")

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if self._closing:
            return
        self._closing = True
        self._reader.remove(self)
        self.sock.close()
        self._loop.call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        self.close()


class Reader:
    """All batched sockets of one event loop. It holds nothing of the loop's while there are none."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._selector: selectors.BaseSelector | None = None
        self._timer: asyncio.TimerHandle | None = None

    def add(self, transport: BatchedTransport) -> None:
        if self._selector is None:
            self._selector = selectors.DefaultSelector()
            self._wait()
        self._selector.register(transport.sock, selectors.EVENT_READ, transport)

    def remove(self, transport: BatchedTransport) -> None:
        selector = self._selector
        if selector is None:
            return
        selector.unregister(transport.sock)
        if selector.get_map():
            return
        if self._timer is None:
            self._loop.remove_reader(self._descriptor(selector))
        else:
            self._timer.cancel()
            self._timer = None
        selector.close()
        self._selector = None

    def _wait(self) -> None:
        """Nothing comes: the next packet wakes the loop."""
        if self._selector is not None:
            self._loop.add_reader(self._descriptor(self._selector), self._awake)

    def _awake(self) -> None:
        if self._selector is not None:
            self._loop.remove_reader(self._descriptor(self._selector))
            self._read()

    def _read(self) -> None:
        self._timer = None
        if self._selector is None:
            return
        ready = self._selector.select(0)
        if not ready:
            self._wait()
            return
        # Before the packets are handed on: what they set off may close the last socket.
        self._timer = self._loop.call_later(PERIOD_S, self._read)
        for key, _ in ready:
            key.data.read()

    @staticmethod
    def _descriptor(selector: selectors.BaseSelector) -> int:
        return selector.fileno()  # type: ignore[attr-defined, no-any-return]  # epoll and kqueue have one
