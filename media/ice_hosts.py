"""The server's own ICE candidates (RFC 8445, 5.1.1), on sockets that are read in batches."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from typing import Any

from aioice import ice
from aioice.candidate import Candidate, candidate_foundation, candidate_priority

from media import datagrams

log = logging.getLogger("viva.media")


async def candidates(
    connection: ice.Connection, component: int, addresses: list[str], timeout_s: float
) -> list[Candidate]:
    """One host candidate for each address that can be bound, and what a STUN server sees of it."""
    protocols = [protocol for address in addresses if (protocol := _bind(connection, component, address))]
    connection._protocols += protocols
    found = [protocol.local_candidate for protocol in protocols]
    if connection.stun_server:
        asked = [
            asyncio.create_task(ice.server_reflexive_candidate(protocol, connection.stun_server))
            for protocol in protocols
            if ipaddress.ip_address(protocol.local_candidate.host).version == 4
        ]
        if asked:
            done, late = await asyncio.wait(asked, timeout=timeout_s)
            found += [task.result()[0] for task in done if task.exception() is None]
            for task in late:
                task.cancel()
    return found


def _bind(connection: ice.Connection, component: int, address: str) -> Any:
    protocol = ice.StunProtocol(connection)
    try:
        datagrams.bind(address, protocol)
    except OSError as error:
        log.info("could not bind to %s: %s", address, error)
        return None
    host, port = protocol.transport.get_extra_info("sockname")[:2]
    protocol.local_candidate = Candidate(
        foundation=candidate_foundation("host", "udp", host),
        component=component,
        transport="udp",
        priority=candidate_priority(component, "host"),
        host=host,
        port=port,
        type="host",
    )
    return protocol
