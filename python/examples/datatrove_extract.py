"""copydesk as datatrove's extractor, where Trafilatura stands in its examples.

    python datatrove_extract.py OUT IN_FOLDER        # IN_FOLDER: WARC files (*.warc.gz)
"""

import sys

from datatrove.data import DocumentsPipeline
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.readers import WarcReader
from datatrove.pipeline.writers.jsonl import JsonlWriter

import copydesk


class Copydesk(PipelineStep):
    """Turns documents whose text is a page into documents whose text is the article's, with the rest of the record as metadata.

    It is a step of its own and no `BaseExtractor`: that gives an extractor the text alone, without the page's URL, and
    keeps a process with a time-out for it, of which copydesk has no need: the time it takes is linear in the page.
    """

    type = "🛢 - EXTRAC"
    name = "📰 copydesk"

    #: What of the record becomes metadata, beside what the reader gave.
    FIELDS = ("title", "subtitle", "authors", "published", "language", "site", "section", "tags", "captions", "rights", "content_hash")

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        for document in data:
            with self.track_time():
                try:
                    record = copydesk.extract(document.text, document.metadata.get("url"))
                except copydesk.Error as error:
                    self.stat_update("dropped", f"dropped_{error.kind}")
                    continue
                document.text = record["body"]
                document.metadata |= {field: record[field] for field in self.FIELDS}
                document.metadata["confidence"] = record["extraction"]["confidence"]
                self.stat_update("forwarded")
                self.update_doc_stats(document)
            yield document


def main(out: str, folder: str) -> None:
    steps = [WarcReader(folder, glob_pattern="*.warc.gz"), Copydesk(), JsonlWriter(out)]
    LocalPipelineExecutor(pipeline=steps, tasks=1).run()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
