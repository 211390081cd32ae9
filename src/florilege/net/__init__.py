"""Fetching: an address in, bytes out. Polite HTTP with limits; failures are returned as values.

The only package that uses httpx, which takes 50 ms to import: it is imported at the first request, not with this
package. Nothing here parses or stores documents, or decides when to fetch again.
"""

from florilege.net.answers import Answer, FailureReason, Fetched, FetchFailure, NotModified, failure, host_of
from florilege.net.fetcher import Fetcher
from florilege.net.secrets import Secrets

__all__ = [
    "Answer",
    "FailureReason",
    "FetchFailure",
    "Fetched",
    "Fetcher",
    "NotModified",
    "Secrets",
    "failure",
    "host_of",
]
