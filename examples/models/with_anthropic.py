"""Let Claude word the answers; the key is in ANTHROPIC_API_KEY.

pip install langchain-anthropic
python examples/models/with_anthropic.py ARCHIVE QUESTION
"""

import sys

from langchain_anthropic import ChatAnthropic

from rag import NewsQA

archive, question = sys.argv[1:]
model = ChatAnthropic(model="claude-sonnet-4-5", max_tokens=6000)
with NewsQA.open(archive, chat=model) as qa:
    answer = qa.ask(question)
    print(f"{answer.model}, asked as a {answer.profile.name} model: {answer.outcome}")
    print(answer.text)
