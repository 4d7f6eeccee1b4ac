"""How much may come in: token buckets in memory, one process each. Not here: tries to sign in (accounts keeps those in the database).

A bucket belongs to an endpoint and to what the endpoint is about: a survey with its channel, a meeting. An address alone is
never a key for answering: behind one address live a tower block, a hotel, a phone company's whole city (peers: 100 answers a
minute and address close a community centre's evening). Only where a wrong code is tried does the address count, generously.

The numbers of `RULES`, a process each (N processes let N times as much through), burst first, then a second's rate:

- `answers` (survey, channel): 5,000 and 50. A poster in a tower of 2,000 flats, all of whom answer within minutes of a message
  in the block's chat, stays far below; a script that fills the disk is held to 180,000 an hour, and to its own channel, so
  that the others go on.
- `drafts` (survey, channel): 1,000 and 5. Few people go on on another phone; what they typed is kept for a week, up to 256 KB
  each. Its own bucket, so that nobody who sends waits for those who save.
- `started` (survey, channel): 20,000 and 200. Four beacons to an answer, and losing one costs a count only.
- `events` (meeting): 500 and 10. A hall holds fewer.
- `doubled_tap` (meeting, form, wish): one in ten seconds. No limit to anybody: a second post of the same form is the first.
- `receipt` (address): 300 and 2. Codes have 140 bits, so that guessing is hopeless anyway; this keeps the look-ups cheap.
- `invitation` (address): 600 and 5. Codes have 80 bits; an evening at which 200 people type theirs, thrice, passes at once.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import NamedTuple

from litestar.exceptions import TooManyRequestsException

from survey.web.request import WebRequest

MOST_BUCKETS = 20_000
"""Some 4 MB. Whoever can come from more addresses than that is not held by addresses at all."""


class Rule(NamedTuple):
    """So many at once, and so many a second."""

    burst: int
    rate: float


RULES: dict[str, Rule] = {
    "answers": Rule(5_000, 50),
    "drafts": Rule(1_000, 5),
    "started": Rule(20_000, 200),
    "events": Rule(500, 10),
    "doubled_tap": Rule(1, 0.1),
    "receipt": Rule(300, 2),
    "invitation": Rule(600, 5),
}


class Limits:
    """Counts what came in. One per process, in `app.state.limits`; used by its one loop, so that nothing is locked.

    A bucket is one number: the time at which it will be full again (the generic cell rate algorithm, which is a token bucket
    without a counter). A bucket that nobody kept is a full one. When there are too many, the one used longest ago goes.
    """

    def __init__(
        self, rules: Mapping[str, Rule] = RULES, *, clock: Callable[[], float] = time.monotonic, most: int = MOST_BUCKETS
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._most = most
        self._full_at: OrderedDict[tuple[object, ...], float] = OrderedDict()

    def allow(self, endpoint: str, *about: object) -> float:
        """Take a token and return 0.0: go; or return for how many seconds to wait, and take none."""
        rule = self._rules[endpoint]
        key = (endpoint, *about)
        now = self._clock()
        each = 1 / rule.rate
        full_at = max(self._full_at.get(key, now), now)
        wait = full_at - now - (rule.burst - 1) * each
        if wait > 0:
            self._full_at.move_to_end(key)
            return wait
        self._full_at[key] = full_at + each
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)
        return 0.0

    def __len__(self) -> int:
        return len(self._full_at)


def limits_of(request: WebRequest) -> Limits:
    found: Limits = request.app.state.limits
    return found


def require(request: WebRequest, endpoint: str, *about: object) -> None:
    """Raise what becomes 429 with Retry-After, for programs and for pages on which nothing was typed."""
    wait = limits_of(request).allow(endpoint, *about)
    if wait:
        raise TooManyRequestsException(headers=retry_after(wait))


def retry_after(wait: float) -> dict[str, str]:
    """The header of a 429: whole seconds, rounded up."""
    return {"Retry-After": str(math.ceil(wait))}


def address_of(request: WebRequest) -> str:
    """Whose tries count together: an IPv4 address; of an IPv6 address its first half, of which one phone has all.

    The server has put a trusted proxy's word in already (LINSHENG_TRUSTED_PROXY).
    """
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.IPv6Network((address, 64), strict=False))
    return str(address)
