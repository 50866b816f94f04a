"""What can go wrong with the words.

KnowledgeError
└── FeedbackIndexError     the search index of a build is missing, damaged or cannot be written

As in the other folders, every leaf has a ``code``, by which people's messages are looked up in
their language, and ``params`` that fill both the English text here and the message there.
"""

from typing import ClassVar


class KnowledgeError(Exception):
    """Root of all errors of this folder."""

    code: ClassVar[str] = "knowledge_error"
    template: ClassVar[str] = "{detail}"

    def __init__(self, **params: str | int) -> None:
        self.params: dict[str, str | int] = params
        super().__init__(self.template.format(**params))


class FeedbackIndexError(KnowledgeError):
    """The search index of a build is missing, damaged or cannot be written."""

    code = "feedback_index_error"
    template = "{file}: {detail} {next}"
