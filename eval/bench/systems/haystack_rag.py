"""Haystack's retrieval-augmented question answering, as its first tutorial builds it.

Documents of 200 words (the splitter's default), the ten nearest (the retriever's default), all of
them into the prompt. Retrieval and generation run as two pipelines, so that the sources can be
shown before the answer.
"""

from typing import Any

from haystack import Document, Pipeline
from haystack.components.builders import ChatPromptBuilder
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.components.writers import DocumentWriter
from haystack.dataclasses import ChatMessage
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.utils import Secret
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)
from worker import Mark, serve

PROMPT = """
Given the following information, answer the question.

Context:
{% for document in documents %}
    {{ document.content }}
{% endfor %}

Question: {{question}}
Answer:
"""


class Tutorial:
    def __init__(self, config: dict[str, str]) -> None:
        self._config = config
        self._find = Pipeline()
        self._answer = Pipeline()

    def index(self, articles: list[dict[str, Any]]) -> None:
        store = InMemoryDocumentStore()
        take = Pipeline()
        take.add_component("splitter", DocumentSplitter(split_by="word"))
        take.add_component("embedder", SentenceTransformersDocumentEmbedder(model=self._model))
        take.add_component("writer", DocumentWriter(store))
        take.connect("splitter", "embedder")
        take.connect("embedder", "writer")
        documents = [Document(content=a["text"], meta={"title": a["title"]}) for a in articles]
        take.run({"splitter": {"documents": documents}})
        self._open(store)

    @property
    def _model(self) -> str:
        return self._config["embedding"]

    def _open(self, store: InMemoryDocumentStore) -> None:
        self._find = Pipeline()
        self._find.add_component("embedder", SentenceTransformersTextEmbedder(model=self._model))
        self._find.add_component("retriever", InMemoryEmbeddingRetriever(store))
        self._find.connect("embedder.embedding", "retriever.query_embedding")
        self._answer = Pipeline()
        template = [ChatMessage.from_user(PROMPT)]
        self._answer.add_component(
            "prompt", ChatPromptBuilder(template=template, required_variables="*")
        )
        generator = OpenAIChatGenerator(
            api_key=Secret.from_token(self._config["key"]),
            api_base_url=self._config["url"],
            model=self._config["model"],
            generation_kwargs={"temperature": 0},
            timeout=600,
            max_retries=0,
        )
        self._answer.add_component("model", generator)
        self._answer.connect("prompt.prompt", "model.messages")

    def ask(self, question: str, day: str, mark: Mark) -> str:
        found = self._find.run({"embedder": {"text": question}})["retriever"]["documents"]
        mark("evidence")

        def told(chunk: Any) -> None:
            if chunk.content:
                mark("token")

        done = self._answer.run(
            {
                "prompt": {"documents": found, "question": question},
                "model": {"streaming_callback": told},
            }
        )
        return str(done["model"]["replies"][0].text)


if __name__ == "__main__":
    serve(Tutorial)
