"""What a sentence shares with a question counts by how rare it is, and by whether it is asked."""

from rag.archive.archive import Archive
from rag.language.terms import asked_terms
from rag.search.candidates import SETTING, asked_weights, rarity


def test_words_of_the_setting_count_less_than_those_of_the_sentence_that_asks(
    sample_archive,
) -> None:
    question = "The Baltimore bridge fell in March. When was the channel reopened?"
    with Archive.open(sample_archive) as archive:
        plain = rarity(asked_terms(question), archive)
        weighed = asked_weights(question, archive)
        alone = asked_weights("When was the channel reopened?", archive)
    assert weighed.keys() == plain.keys()
    assert {t: w for t, w in weighed.items() if w == plain[t]} == alone
    told = weighed.keys() - alone.keys()
    assert told
    assert all(weighed[t] == SETTING * plain[t] for t in told)
