"""Ask with OpenAI's client and print each sentence with the words that support it."""

import sys

from openai import OpenAI

url, question = sys.argv[1], sys.argv[2]
client = OpenAI(base_url=f"{url}/v1", api_key="none")
answer = client.chat.completions.create(
    model="dateline", messages=[{"role": "user", "content": question}]
)
print(answer.choices[0].message.content)
for note in answer.choices[0].message.annotations or []:
    print(note.url_citation.url, note.url_citation.dateline["quote"])
