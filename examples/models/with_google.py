"""Let Gemini word the answers; the key is in GOOGLE_API_KEY.

pip install langchain-google-genai
python examples/models/with_google.py ARCHIVE QUESTION
"""

import sys

from langchain_google_genai import ChatGoogleGenerativeAI

from rag import NewsQA

archive, question = sys.argv[1:]
model = ChatGoogleGenerativeAI(model="gemini-2.5-pro")
with NewsQA.open(archive, chat=model) as qa:
    answer = qa.ask(question)
    print(f"{answer.model}, asked as a {answer.profile.name} model: {answer.outcome}")
    print(answer.text)
