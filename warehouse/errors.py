"""What can go wrong with the numbers.

WarehouseError
├── SemanticModelError     a YAML file of the semantic model is wrong
├── WorkspaceFileError     workspace.yml or a source mapping is wrong
├── QueryError             the QuerySpec cannot be answered
│   ├── UnknownName        no such metric, dimension, segment; carries the nearest names
│   ├── UnsupportedQuery   names exist, but they cannot be combined
│   ├── NotPermitted       the actor may not read this
│   └── SmallGroup         the filter selects fewer people than may be shown
├── EngineError            the query was right, running it failed
│   ├── QueryTimeout       killed after the time limit
│   ├── QueryTooLarge      killed at the memory limit
│   └── StoreUnavailable   marts missing, damaged or locked
├── SourceError            a source file cannot be read whole
├── BuildError             a build stopped; yesterday's stays
└── LedgerError            the ledger is missing, damaged, locked or full

Every leaf has a ``code``, by which people's messages are looked up in their language, and
``params`` that fill both the English text here and the message there.
"""

from collections.abc import Sequence
from typing import ClassVar

from rapidfuzz import fuzz, process

Param = str | int | float | Sequence[str] | None


class WarehouseError(Exception):
    """Root of all errors of this folder."""

    code: ClassVar[str] = "warehouse_error"
    template: ClassVar[str] = "{detail}"

    def __init__(self, **params: Param) -> None:
        self.params: dict[str, Param] = params
        super().__init__(self.template.format(**{k: _text(v) for k, v in params.items()}))


class SemanticModelError(WarehouseError):
    """A YAML file of the semantic model is wrong."""

    code = "semantic_model_error"
    template = "Semantic model {file}: {detail} {next}"


class WorkspaceFileError(WarehouseError):
    """The workspace file or a source mapping is wrong."""

    code = "workspace_file_error"
    template = "{file}: {detail} {next}"


class QueryError(WarehouseError):
    """The QuerySpec cannot be answered."""

    code = "query_error"


class UnknownName(QueryError):
    """No metric, dimension, value or segment of that name."""

    code = "unknown_name"
    template = "Unknown {kind} {name!r}. Nearest: {nearest}."


class UnsupportedQuery(QueryError):
    """The names exist but cannot be combined."""

    code = "unsupported_query"
    template = "{detail} {next}"


class NotPermitted(QueryError):
    """The actor may not read this."""

    code = "not_permitted"
    template = "{actor!r} may not read {what!r}. Ask {who}."


class SmallGroup(QueryError):
    """The filter selects fewer people than may be shown."""

    code = "small_group"
    template = "Fewer than {minimum} people match {filter}. Widen the filter."


class EngineError(WarehouseError):
    """The query was right, running it failed."""

    code = "engine_error"


class QueryTimeout(EngineError):
    """Killed after the time limit."""

    code = "query_timeout"
    template = "The query took longer than {seconds} s and was stopped. Narrow the time range."


class QueryTooLarge(EngineError):
    """Killed at the memory limit."""

    code = "query_too_large"
    template = "The query needed more than {megabytes} MB and was stopped. Narrow the question."


class StoreUnavailable(EngineError):
    """The marts are missing, damaged or locked."""

    code = "store_unavailable"
    template = "{store}: {detail} {next}"


class SourceError(WarehouseError):
    """A source file cannot be read whole."""

    code = "source_error"
    template = "{file}: {detail} {next}"


class BuildError(WarehouseError):
    """A build stopped; the previous one stays published."""

    code = "build_error"
    template = "Build stopped at {stage}: {detail} {next}"


class LedgerError(WarehouseError):
    """The ledger is missing, damaged, locked or full."""

    code = "ledger_error"
    template = "{detail} {next}"


def nearest(name: str, known: Sequence[str], limit: int = 3) -> list[str]:
    """List the known names nearest to a wrong one, best first; empty if none is near."""
    hits = process.extract(name, known, scorer=fuzz.WRatio, limit=limit, score_cutoff=55)
    return [text for text, _, _ in hits]


def _text(value: Param) -> Param:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return value
    return ", ".join(map(repr, value)) or "none"
