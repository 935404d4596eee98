"""Why an offer or a trickled candidate is refused."""

from __future__ import annotations


class OfferError(Exception):
    """A client's SDP that cannot be answered.

    `code` is stable and documented: `offer.malformed`, `offer.no-media`, `offer.no-common-codec`,
    `offer.no-dtls`, `offer.no-ice`, `offer.unsupported`, `ice.malformed`, `ice.restart-unsupported`,
    `ice.not-connected`, `ice.no-address`, `ingest.closed`. `detail` is one line that names what is wrong and
    holds nothing of the server's own.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
