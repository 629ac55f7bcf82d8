"""Every error that Dateline raises for a person to read.

    DatelineError
    ├── ArchiveError          the store: missing, damaged, full
    │   ├── ArchiveMissing    no archive in that folder
    │   ├── ArchiveBusy       another process is writing (names it)
    │   ├── ArchiveFull       too little disk space to write safely
    │   ├── ArchiveDamaged    what is on the disk is not what was written
    │   ├── ArchiveOutdated   made by an older program
    │   ├── ArchiveUnreachable  its database server does not answer
    │   ├── ArchiveContended  another writer was in the way; it may be tried again
    │   └── NotFound          no such article or revision
    │       └── Erased        it was deleted for good
    ├── SourceError           one file or record could not become an article
    ├── ModelError            the chat or embedding model
    │   ├── ModelMissing      not here and not to be fetched
    │   ├── ModelDamaged      its checksum is wrong
    │   └── ModelUnreachable  the endpoint does not answer, or answers nonsense
    ├── QuestionError         the question cannot be worked on
    └── SettingsError         a setting is wrong

Messages say what was wrong, where, and what to do.
"""


class DatelineError(Exception):
    """Base of all errors with a message meant for the user; `exit_code` is the command line's."""

    exit_code = 1


class ArchiveError(DatelineError):
    """The archive cannot do what was asked."""

    exit_code = 4


class ArchiveMissing(ArchiveError):
    """There is no archive in that folder."""


class ArchiveBusy(ArchiveError):
    """Another process is writing to the archive."""


class ArchiveFull(ArchiveError):
    """There is too little disk space to write safely."""


class ArchiveDamaged(ArchiveError):
    """What is on the disk is not what was written."""


class ArchiveOutdated(ArchiveError):
    """The archive's tables are those of an older program."""


class ArchiveUnreachable(ArchiveError):
    """The archive's database server does not answer."""


class ArchiveContended(ArchiveError):
    """Another writer was in the way: nothing was changed, it may be tried again."""


class NotFound(ArchiveError):
    """There is no such article or revision."""


class NotAllowed(DatelineError):
    """The person who asks may not do this; see `rag.rights`."""

    exit_code = 2


class WhereUnclear(DatelineError):
    """It is not clear into which collection an article is to go; the message says which may be."""

    exit_code = 2


class Erased(NotFound):
    """The article was deleted for good."""


class SourceError(DatelineError):
    """One file or record could not be turned into an article."""

    exit_code = 5


class ModelError(DatelineError):
    """The chat or the embedding model cannot be used."""

    exit_code = 6


class ModelMissing(ModelError):
    """The model is not on this machine and could not be fetched."""


class ModelDamaged(ModelError):
    """The model's file does not have the pinned checksum."""


class ModelUnreachable(ModelError):
    """The model's endpoint does not answer, or answers nonsense."""


class QuestionError(DatelineError):
    """The question cannot be worked on."""

    exit_code = 2


class SettingsError(DatelineError):
    """A setting is wrong."""

    exit_code = 2
