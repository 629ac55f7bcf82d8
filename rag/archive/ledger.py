"""The archive as its one writer sees it: what is known already, and what is stored or deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from typing import Literal, TypeVar

from langchain_core.documents import Document

from rag.archive import audit, entities, filing, originals, rows, standing, vectors
from rag.archive import edits as edited
from rag.archive.audit import remedies
from rag.archive.database import Database
from rag.archive.edits import Edits
from rag.archive.filing import Filed, Filing
from rag.archive.standing import Withdrawal
from rag.archive.store import Store, reads
from rag.archive.vectors import Matrix
from rag.errors import ArchiveBusy
from rag.language.entities import Entity
from rag.types import Article, Span

_T = TypeVar("_T")


class Ledger(Store):
    """Everything that `rag.ingest.run` and `rag.archive.erase` do with an archive."""

    with_originals = reads(originals.current)

    def known(self, by: Literal["id", "key", "url", "place"], name: str) -> list[tuple[str, str]]:
        """Return id and text of the articles that are known by this name."""
        query = f"SELECT a.id, r.text FROM {rows.CURRENT} WHERE a.{by} = ? ORDER BY a.n"  # noqa: S608
        return [(row["id"], row["text"]) for row in self._all(query, (name,))]

    def same_text(self, digest: str) -> list[tuple[str, str]]:
        """Return id and place of the articles whose text is exactly this."""
        query = "SELECT id, coalesce(place, '') AS place FROM article WHERE digest = ? ORDER BY n"
        return [(row["id"], row["place"]) for row in self._all(query, (digest,))]

    def is_copy(self, article: Article) -> bool:
        """Return True when another article that may be read has exactly this text."""
        query = "SELECT 1 FROM article WHERE digest = ? AND id != ? AND withdrawn IS NULL LIMIT 1"
        return self._one(query, (article.digest, article.id)) is not None

    def near(self, bands: Sequence[int]) -> list[tuple[Article, str]]:
        """Return the articles that share a MinHash band, each with its cluster."""
        marks = ", ".join("?" * len(bands))
        query = f"""
            SELECT a.id, a.cluster, r.text, {rows.COLUMNS} FROM {rows.CURRENT}
            WHERE a.n IN (SELECT article FROM band WHERE value IN ({marks})) ORDER BY a.n
        """  # noqa: S608
        return [(rows.to_article(row), row["cluster"]) for row in self._all(query, bands)]

    def put(
        self,
        article: Article,
        passages: Sequence[Document],
        sentences: Sequence[Span],
        how: Filing | None = None,
    ) -> Filed:
        """Store an article with its passages and words in one transaction.

        When it returns, the article is on disk and can be found by its words.
        """

        def work(db: Database) -> Filed:
            db.hold([article.id, article.digest])
            filed = filing.put(db, article, passages, sentences, how or Filing())
            if filed != "unchanged":
                _grow(db, "generation")
            if filed in ("revised", "duplicate"):
                _grow(db, "vectors")
            return filed

        return self._written(work)

    def collect(self, article_id: str, collection: str) -> None:
        """Put an article into the collection of this id, unless it is in it or the id is empty."""
        query = "SELECT 1 FROM collected WHERE collection = ? AND article = ?"
        if not collection or self._one(query, (collection, article_id)) is not None:
            return

        def work(db: Database) -> None:
            db.execute(
                "INSERT INTO collected VALUES (?, ?) ON CONFLICT DO NOTHING",
                (collection, article_id),
            )
            _grow(db, "generation")

        self._written(work)

    holds = reads(filing.holds)

    def amend(self, article_id: str, edits: Edits) -> bool:
        """State something of an article by hand; False when that changes nothing."""

        def work(db: Database) -> bool:
            article = rows.current(db, article_id)
            return article is not None and edited.amend(db, article, edits)

        return self._changed(work)

    edits = reads(edited.of)

    def withdraw(self, article_id: str, reason: str) -> bool:
        """Take an article out of all that is found and quoted; False when that was so already.

        Its texts stay, for the record.
        """
        return self._changed(lambda db: standing.withdraw(db, article_id, reason))

    def note_withdrawal(self, names: Sequence[str], withdrawal: Withdrawal) -> None:
        """Remember that what has one of these keys or addresses was withdrawn by its sender.

        It counts for the whole archive, so that only who may read it all is believed.
        """
        if self.restricted:
            return
        self._written(lambda db: standing.note(db, names, withdrawal))

    withdrawal = reads(standing.noted)

    def pending(self, fingerprint: str, among: Sequence[str] | None = None) -> list[str]:
        """Return the ids of passages that the model of this fingerprint has not embedded yet.

        Those of all, or those among some.
        """
        only = "" if among is None else f"AND p.id IN ({', '.join('?' * len(among))})"
        query = f"""
            SELECT p.id FROM passage AS p WHERE NOT EXISTS (
                SELECT 1 FROM embedding AS e WHERE e.passage = p.n AND e.fingerprint = ?) {only}
            ORDER BY p.n
        """  # noqa: S608 - nothing but marks
        return [row["id"] for row in self._all(query, (fingerprint, *(among or ())))]

    def embedded(self, ids: Sequence[str], matrix: Matrix, fingerprint: str) -> None:
        """Store the vectors of passages in one transaction; ids that are gone are left out."""

        def work(db: Database) -> None:
            _grow(db, "generation", "vectors")  # first: what is stored bears that number
            vectors.write(db, ids, matrix, fingerprint)

        self._written(work)

    to_name = reads(entities.unread)

    def name(self, found: Sequence[tuple[entities.Text, Sequence[Entity]]]) -> None:
        """Store the entities of articles in one transaction."""

        def work(db: Database) -> None:
            for read, named in found:
                entities.store(db, read, named)

        self._written(work)

    def split_entity(self, name: str, articles: Sequence[str], apart: str, form: str = "") -> int:
        """Tell mentions of an entity apart by hand; see `entities.split`."""
        with self._writing() as db:
            moved = entities.split(db, name, articles, apart, form)
            if moved:
                _grow(db, "generation")
            return moved

    def delete(self, ids: Collection[str]) -> int:
        """Remove articles with all their revisions in one transaction, and say how many went.

        Nobody finds them any more; `erase.purge` then removes what is left of their bytes.
        """
        with self._transaction() as db:
            gone = [article_id for article_id in ids if filing.remove(db, article_id)]
            count = len(gone)
            if count:
                # A digest names nothing to whom does not know the id; it lets an old citation say
                # that the article was erased.
                marks = [(_erased(article_id),) for article_id in gone]
                mark = "INSERT INTO meta VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = 1"
                db.executemany(mark, [*marks, ("unpurged",)])
                _grow(db, "generation", "vectors")
            return count

    def unfold(self) -> int:
        """Let every copy stand for itself, as an archive with people needs; returns how many.

        Their passages wait for vectors then: `rag.ingest.run.embed_pending`.
        """
        return self._changed(filing.unfold)

    def erased(self, article_id: str) -> bool:
        """Return True when an article of this id was deleted and has not come back."""
        mark = self._one("SELECT 1 FROM meta WHERE name = ?", (_erased(article_id),))
        here = "SELECT 1 FROM article WHERE id = ?"
        return mark is not None and self._one(here, (article_id,)) is None

    @property
    def unpurged(self) -> bool:
        """Whether bytes of deleted articles may still be in the files."""
        return self._one("SELECT value FROM meta WHERE name = 'unpurged'") is not None

    def compact(self) -> None:
        """Write the database anew, so that nothing deleted is left in its files.

        A server frees the room for what comes next; its logs and its backups are its keeper's.

        Raises:
            ArchiveBusy: somebody still reads the state before, which keeps its bytes alive.
        """
        with self._transaction() as db:
            db.words.compact(db)
        with self._turn(), self._lent() as db:
            db.execute("VACUUM")
            if self.shared:  # PostgreSQL keeps what others still see, and sweeps it later
                db.execute("DELETE FROM meta WHERE name = 'unpurged'")
                return
            if db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                raise ArchiveBusy(
                    f"somebody still reads the archive {self.known_as!r} as it was; what was "
                    "deleted can be found no more, its bytes go with the next: dateline repair"
                )
        with self._transaction() as db:
            db.execute("DELETE FROM meta WHERE name = 'unpurged'")

    def settle(self) -> None:
        """Have what was stored lately found as quickly as what is there longer."""
        with self._transaction() as db:
            db.words.settle(db)

    def mend(self) -> list[str]:
        """Make again what follows from the texts, and say in words what was wrong."""
        with self._writing() as db:
            done = list(remedies(db))
            if done:
                _grow(db, "generation", "vectors")
            return done

    def altered(self) -> list[tuple[str, str]]:
        """Return article and digest of each text that is not what was stored."""
        with self._reading() as db:
            return list(audit.altered(db))

    def bring_back(self, article_id: str, text: str) -> None:
        """Store a text once more in place of what its revision has become on the disk."""
        with self._writing() as db:
            db.execute(
                "UPDATE revision SET text = ? WHERE digest = ? AND article = "
                "(SELECT n FROM article WHERE id = ?)",
                (text, rows.digest_of(text), article_id),
            )
            _grow(db, "generation")

    def damaged_texts(self) -> list[str]:
        """Return in words which texts are not what was stored."""
        with self._reading() as db:
            return list(audit.texts(db))

    def note(self, name: str, value: str) -> None:
        """Note something about the archive that changes nothing in it."""
        self._written(
            lambda db: db.execute(
                "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE "
                "SET value = excluded.value",
                (name, value),
            )
        )

    def noted(self, name: str) -> str | None:
        """Return what `note` noted."""
        found = self._one("SELECT value FROM meta WHERE name = ?", (name,))
        return None if found is None else str(found[0])

    def notes(self, *names: str) -> dict[str, str]:
        """Return what was noted under some names, and the archive's own notes, in one question."""
        marks = ", ".join("?" * len(names))
        query = f"SELECT name, value FROM meta WHERE name IN ({marks})"  # noqa: S608 - only marks
        return {str(name): str(value) for name, value in self._all(query, names)}

    def _changed(self, work: Callable[[Database], _T]) -> _T:
        """Do some work in one transaction, and tell the indexes when it changed something."""

        def told(db: Database) -> _T:
            done = work(db)
            if done:
                _grow(db, "generation", "vectors")
            return done

        return self._written(told)

    def _meta(self, name: str) -> str:
        return str(self._all("SELECT value FROM meta WHERE name = ?", (name,))[0][0])


def _grow(db: Database, *counters: str) -> None:
    for name in counters:
        query = "UPDATE meta SET value = CAST(value AS BIGINT) + 1 WHERE name = ?"
        db.execute(query, (name,))


def _erased(article_id: str) -> str:
    """Name the mark that stays of a deleted article."""
    return f"erased {hashlib.sha256(article_id.encode('utf-8', 'replace')).hexdigest()}"
