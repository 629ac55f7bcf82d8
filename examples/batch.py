"""Answer many questions, one a line, and write a table.

python examples/batch.py ARCHIVE QUESTIONS.txt ANSWERS.csv
"""

import csv
import sys
from pathlib import Path

from rag import NewsQA

archive, questions, table = sys.argv[1:]
with NewsQA.open(archive) as qa, Path(table).open("w", newline="", encoding="utf-8") as file:
    writer = csv.writer(file)
    writer.writerow(["question", "outcome", "answer", "quotes"])
    for question in Path(questions).read_text(encoding="utf-8").splitlines():
        answer = qa.ask(question)
        quotes = " | ".join(citation.quote for citation in answer.citations)
        writer.writerow([question, answer.outcome, answer.text, quotes])
