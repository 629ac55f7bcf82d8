"""Let a chat model of your own word the answers: any of langchain's.

python examples/own_model.py ARCHIVE QUESTION
"""

import sys

from langchain_core.language_models import FakeListChatModel

from rag import NewsQA

archive, question = sys.argv[1:]
model = FakeListChatModel(responses=["Nobody knows."])  # in its place: ChatOllama, ChatOpenAI, ...
with NewsQA.open(archive, chat=model) as qa:
    answer = qa.ask(question)
    print(answer.model, answer.outcome, answer.reason)
    for statement in answer.dropped:
        print(f"removed: {statement.text} {' '.join(statement.verdict.reasons)}")
