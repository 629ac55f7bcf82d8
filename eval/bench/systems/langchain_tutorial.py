"""LangChain as its tutorial "Build a RAG agent" has it, in the two-step chain that it ends with.

Chunks of 1,000 characters with 200 of overlap, the four nearest, all of them into the prompt of
one call. The wording is that of the hub's `rlm/rag-prompt`, which the tutorial used; today it says
the same in a system message, and that what it found is data only, from within `create_agent`.
"""

from typing import Any

from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.prompts import ChatPromptTemplate
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_openai import ChatOpenAI
from langchain_text_splitters import RecursiveCharacterTextSplitter
from worker import Mark, serve

PROMPT = (
    "You are an assistant for question-answering tasks. Use the following pieces of retrieved "
    "context to answer the question. If you don't know the answer, just say that you don't know. "
    "Use three sentences maximum and keep the answer concise.\n"
    "Question: {question} \nContext: {context} \nAnswer:"
)


class Tutorial:
    def __init__(self, config: dict[str, str]) -> None:
        self._embeddings = HuggingFaceEmbeddings(
            model_name=config["embedding"], model_kwargs={"device": "cpu"}
        )
        self._folder = config["folder"]
        self._model = ChatOpenAI(
            model=config["model"],
            base_url=config["url"],
            api_key=config["key"],
            temperature=0,
            timeout=600,
            max_retries=0,
        )
        self._store = self._opened()

    def _opened(self) -> Chroma:
        return Chroma(
            collection_name="news",
            embedding_function=self._embeddings,
            persist_directory=self._folder,
        )

    def index(self, articles: list[dict[str, Any]]) -> None:
        self._store.reset_collection()
        splitter = RecursiveCharacterTextSplitter(
            chunk_size=1000, chunk_overlap=200, add_start_index=True
        )
        documents = [
            Document(page_content=a["text"], metadata={"title": a["title"] or ""}) for a in articles
        ]
        chunks = splitter.split_documents(documents)
        for start in range(0, len(chunks), 5000):
            self._store.add_documents(chunks[start : start + 5000])

    def ask(self, question: str, day: str, mark: Mark) -> str:
        found = self._store.similarity_search(question)
        mark("evidence")
        context = "\n\n".join(document.page_content for document in found)
        prompt = ChatPromptTemplate.from_messages([("human", PROMPT)])
        chain = prompt | self._model
        text = ""
        for chunk in chain.stream({"question": question, "context": context}):
            if chunk.content:
                mark("token")
                text += str(chunk.content)
        return text


if __name__ == "__main__":
    serve(Tutorial)
