"""Records of Parquet with pages, by Ray Data.

    python ray_extract.py OUT IN...                  # IN: Parquet with html, url?, id?
"""

import sys

import pyarrow
import ray

import copydesk


def records(pages: pyarrow.Table) -> pyarrow.Table:
    """A block of pages -> a block of records."""
    # A task has one core.
    batches = [copydesk.extract_many(batch, threads=1) for batch in pages.to_batches()]
    return pyarrow.Table.from_batches(batches, copydesk.schema())


def main(out: str, inputs: list[str]) -> None:
    pages = ray.data.read_parquet(inputs)
    pages.map_batches(records, batch_format="pyarrow", batch_size=256, zero_copy_batch=True).write_parquet(out)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
