"""Let a model of Amazon Bedrock word the answers; the key is in the usual place of AWS.

pip install langchain-aws
python examples/models/with_bedrock.py ARCHIVE QUESTION
"""

import sys

from langchain_aws import ChatBedrockConverse

from rag import NewsQA

archive, question = sys.argv[1:]
model = ChatBedrockConverse(model="anthropic.claude-sonnet-4-5-20250929-v1:0")
with NewsQA.open(archive, chat=model) as qa:
    answer = qa.ask(question)
    print(f"{answer.model}, asked as a {answer.profile.name} model: {answer.outcome}")
    print(answer.text)
