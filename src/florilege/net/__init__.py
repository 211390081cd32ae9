"""Fetching: an address in, bytes out. HTTP with its manners and limits, files, standard input; failures are values.

The only room that knows httpx, which takes a twentieth of a second to load: it comes with the first request, not with
this package. Nothing here parses a document, stores one or decides when to ask again.
"""

from florilege.net.answers import Answer, FailureReason, Fetched, FetchFailure, NotModified, failure, host_of
from florilege.net.fetcher import Fetcher
from florilege.net.files import FILE_LIMIT, read_file, read_stream
from florilege.net.secrets import Secrets

__all__ = [
    "FILE_LIMIT",
    "Answer",
    "FailureReason",
    "FetchFailure",
    "Fetched",
    "Fetcher",
    "NotModified",
    "Secrets",
    "failure",
    "host_of",
    "read_file",
    "read_stream",
]
