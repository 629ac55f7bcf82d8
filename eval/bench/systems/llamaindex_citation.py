"""LlamaIndex's `CitationQueryEngine` as its documentation shows it.

Three nodes of 1,024 tokens, cut again into sources of 512 tokens, all of them into the prompt.
"""

from pathlib import Path
from typing import Any

from llama_index.core import Document, Settings, VectorStoreIndex
from llama_index.core.query_engine import CitationQueryEngine
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.llms.openai_like import OpenAILike
from worker import Mark, serve


class Citing:
    def __init__(self, config: dict[str, str]) -> None:
        Settings.embed_model = HuggingFaceEmbedding(model_name=config["embedding"], device="cpu")
        Settings.llm = OpenAILike(
            model=config["model"],
            api_base=config["url"],
            api_key=config["key"],
            is_chat_model=True,
            context_window=8192,
            temperature=0,
            timeout=600,
            max_retries=0,
        )
        self._folder = Path(config["folder"])
        self._engine: Any = None

    def index(self, articles: list[dict[str, Any]]) -> None:
        documents = [
            Document(text=a["text"], metadata={"title": a["title"] or ""}) for a in articles
        ]
        index = VectorStoreIndex.from_documents(documents)
        index.storage_context.persist(persist_dir=str(self._folder))
        self._engine = CitationQueryEngine.from_args(
            index, similarity_top_k=3, citation_chunk_size=512, streaming=True
        )

    def ask(self, question: str, day: str, mark: Mark) -> str:
        response = self._engine.query(question)
        mark("evidence")
        text = ""
        for piece in response.response_gen:
            if piece:
                mark("token")
                text += piece
        return text


if __name__ == "__main__":
    serve(Citing)
