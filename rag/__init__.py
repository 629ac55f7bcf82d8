"""Dateline's engine: from articles and a question to a verified, cited answer.

The public names are the frozen types and the two verbs that make and use an archive; import them
from their modules (`rag.types`, `rag.archive.archive`, `rag.answer.pipeline`), so that start-up is
cheap.
"""

__version__ = "0.1.0"
