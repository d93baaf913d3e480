"""News pages in, clean article records out: the records of the ``copydesk`` command, from Python.

>>> import copydesk
>>> page = "<h1>Library reopens</h1><p>The city library reopened on Monday after two years of repairs, the mayor said.</p>"
>>> copydesk.extract(page, "https://news.example/library")["title"]
'Library reopens'
"""

from ._copydesk import (
    Error,
    WarcBatches,
    __version__,
    dedup_signature,
    extract,
    extract_many,
    extract_warc,
    is_near_copy,
    schema,
)

__all__ = [
    "Error",
    "WarcBatches",
    "__version__",
    "dedup_signature",
    "extract",
    "extract_many",
    "extract_warc",
    "is_near_copy",
    "schema",
]
