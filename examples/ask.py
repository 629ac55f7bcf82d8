"""Ask a folder of articles.

python examples/ask.py ARCHIVE FOLDER QUESTION
"""

import sys

from rag import NewsQA

archive, folder, question = sys.argv[1:]
with NewsQA.open(archive) as qa:
    print(qa.add(folder))
    answer = qa.ask(question)
    print(answer.text or answer.reason)
    for citation in answer.citations:
        print(f"[{citation.number}] {citation.source.publisher}: {citation.quote}")
