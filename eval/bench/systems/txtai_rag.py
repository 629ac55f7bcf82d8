"""txtai's `RAG` pipeline as its documentation shows it, over the paragraphs of the articles.

Its defaults otherwise: the three best paragraphs go into the prompt. A streamed answer comes with
no sources, so that the first evidence can be shown no sooner than the end.
"""

from typing import Any

from txtai import LLM, RAG, Embeddings
from worker import Mark, serve

PROMPT = """
Answer the following question using the provided context.

Question:
{question}

Context:
{context}
"""


class Pipelines:
    def __init__(self, config: dict[str, str]) -> None:
        self._embeddings = Embeddings(path=config["embedding"], content=True)
        self._folder = config["folder"]
        model = LLM(
            f"openai/{config['model']}",
            method="litellm",
            api_base=config["url"],
            api_key=config["key"],
            timeout=600,
            num_retries=0,
            temperature=0,
        )
        self._rag = RAG(self._embeddings, model, template=PROMPT, output="flatten")

    def index(self, articles: list[dict[str, Any]]) -> None:
        paragraphs = (p.strip() for a in articles for p in a["text"].split("\n\n"))
        self._embeddings.index([paragraph for paragraph in paragraphs if paragraph])
        self._embeddings.save(self._folder)

    def ask(self, question: str, day: str, mark: Mark) -> str:
        text = ""
        for piece in self._rag(question, stream=True, defaultrole="user", maxlength=4096):
            if piece:
                mark("token")
                text += piece
        return text


if __name__ == "__main__":
    serve(Pipelines)
