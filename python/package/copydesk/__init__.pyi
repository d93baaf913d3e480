from collections.abc import Iterator, Sequence
from os import PathLike
from typing import Any, TypedDict

import pyarrow

__version__: str

class Page(TypedDict, total=False):
    """A page in a list: what a line of ``copydesk extract --from jsonl`` holds."""

    html: str | bytes | None
    url: str | None
    id: str | int | None

class Error(ValueError):
    """A page that gives no record. The message is the command line's."""

    kind: str
    """The stable name of the reason: ``no_content``, ``not_html``, ``too_large``, ``bad_input``, ``internal``."""

def extract(html: str | bytes, url: str | None = None) -> dict[str, Any]:
    """The record of a page, as ``copydesk extract`` writes it: ``copydesk/article@1``, keys in its order.

    Bytes are decoded as the command decodes a file's: byte-order mark, ``<meta charset>``, else by their look.
    ``url`` is where the page came from: links and pictures resolve against it, and it gives the record its ``id``;
    one that cannot be read counts as none.

    Raises ``copydesk.Error`` when the page gives no record, with the reason in ``kind``.
    """

def extract_many(
    pages: Sequence[str | bytes | Page] | pyarrow.RecordBatch,
    threads: int | None = None,
) -> pyarrow.RecordBatch:
    """Many pages at once: a batch of ``schema()`` with a row for each page, in their order.

    ``pages`` is a list of pages, each text, bytes, or a dict with ``html`` and perhaps ``url`` and ``id``; or a record batch
    with the columns ``html`` (string or binary, large and view types too) and perhaps ``url`` and ``id`` (string or
    integers). The batch is read in place. A row keeps the ``id`` that it brings along; else the record has its own, made from its URL.

    A page that gives no record has a row in which ``error`` says why (``kind``, ``message``), with its ``id`` and ``url``.

    ``threads`` is the number of threads, one a core unless you say; they run without the interpreter's lock. Under Spark and
    Ray, which count cores themselves, 1 is right.
    """

class WarcBatches(Iterator[pyarrow.RecordBatch]):
    """The batches of a WARC file; reading stops when it is thrown away."""

    def __iter__(self) -> WarcBatches: ...
    def __next__(self) -> pyarrow.RecordBatch: ...

def extract_warc(
    path: str | PathLike[str],
    threads: int | None = None,
    batch_rows: int = 256,
) -> WarcBatches:
    """The records of a WARC file (plain, gzip or zstd, from any tool), in batches of ``schema()``, in the order of the file.

    They are those of ``copydesk extract FILE``: charset, dates and rights as the archive's headers say. Pages without text and
    what is no page give none, as there. Damaged places are told as warnings at the end; a file that cannot be read
    raises ``OSError``. Beside ``threads``, one thread unpacks.
    """

def schema() -> pyarrow.Schema:
    """The columns of ``extract_many`` and ``extract_warc``: those of ``copydesk export``'s Parquet, and ``error``.

    All may be null, for a row may be an error's.
    """

def dedup_signature(text: str) -> list[int] | None:
    """The 48 bands of the text's MinHash signature, as signed 64-bit integers; ``None`` of fewer than 40 words.

    Texts that are much alike have a band in common: join on the bands to find candidates, then ask ``is_near_copy``.
    """

def is_near_copy(first: str, second: str, similarity: float = 0.8) -> bool:
    """Whether two texts are near copies of each other, as ``copydesk dedup --similarity`` judges candidates.

    Numbers and names weigh: the same form with other ones is no copy. Texts of fewer than 40 words never are.
    """
