"""Let Mistral's models word the answers; the key is in MISTRAL_API_KEY.

pip install langchain-mistralai
python examples/models/with_mistral.py ARCHIVE QUESTION
"""

import sys

from langchain_mistralai import ChatMistralAI

from rag import NewsQA

archive, question = sys.argv[1:]
model = ChatMistralAI(model_name="mistral-large-latest")
with NewsQA.open(archive, chat=model) as qa:
    answer = qa.ask(question)
    print(f"{answer.model}, asked as a {answer.profile.name} model: {answer.outcome}")
    print(answer.text)
