"""Fetching: an address in, bytes out. HTTP with its manners and limits, files, standard input; failures are values.

The only room that knows httpx, which takes a tenth of a second to load: it comes with the first request, not with this
package. Nothing here parses a document, stores one or decides when to ask again.
"""

from florilege.net.fetcher import Fetcher, make_client
from florilege.net.files import read_file, read_stream
from florilege.net.keys import Keys
from florilege.net.values import Answer, FailureReason, Fetched, FetchFailure, Limits, NotModified

__all__ = [
    "Answer",
    "FailureReason",
    "FetchFailure",
    "Fetched",
    "Fetcher",
    "Keys",
    "Limits",
    "NotModified",
    "make_client",
    "read_file",
    "read_stream",
]
