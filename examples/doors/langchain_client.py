"""Ask with LangChain; without `use_responses_api` it would drop the citations."""

import sys

from langchain_openai import ChatOpenAI

url, question = sys.argv[1], sys.argv[2]
model = ChatOpenAI(model="dateline", base_url=f"{url}/v1", api_key="none", use_responses_api=True)
answer = model.invoke(question)
print(answer.text)
for block in answer.content_blocks:
    for note in block.get("annotations", []):
        print(note["extras"]["dateline"]["quote"])
