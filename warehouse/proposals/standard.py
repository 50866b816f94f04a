"""A file for one of the standard sources of a mart set: its columns onto the declared ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from warehouse.errors import WorkspaceFileError, nearest
from warehouse.mapping import ColumnMapping
from warehouse.proposals.names import normalised
from warehouse.proposals.profile import ColumnProfile, profile_columns
from warehouse.proposals.proposal import Line, Proposal, Question, Wishes, staged
from warehouse.sources.declaration import SourceDeclaration
from warehouse.sources.own import load_kinds
from warehouse.workspace_file import SourceFile


def propose_standard(
    source: SourceFile,
    data: Path,
    name: str,
    declared: SourceDeclaration,
    wishes: Wishes,
    time_zone: str,
) -> Proposal:
    """Read a file whole and propose which of its columns are those that the marts expect.

    Raises
    ------
    SourceError
        The file cannot be read.
    WorkspaceFileError
        A column that must be there is not, or what was said does not fit.
    """
    with staged(source, data, time_zone) as (connection, raw):
        profiles = profile_columns(connection, raw, wishes.date_order)
    found = _matched(profiles, declared, wishes)
    _check(name, declared, found, profiles)
    columns = {
        profile.file: _mapping(found[profile.file], profile, declared)
        for profile in profiles
        if profile.file in found
    }
    questions = [
        Question(about="date_order", subject=p.file, choices=p.date_orders, why=p.why)
        for p in profiles
        if p.file in found and len(p.date_orders) > 1 and wishes.date_order is None
    ]
    return Proposal(
        source=source.model_copy(update={"columns": columns}),
        kind_why=f"the standard source {name!r}",
        rows=raw.rows,
        lines=tuple(_line(profile, found, declared) for profile in profiles),
        extras=(),
        questions=tuple(questions[:1]),
        cancelled=None,
        others=None,
        findings=raw.findings,
        profiles=profiles,
    )


def _matched(
    profiles: Sequence[ColumnProfile], declared: SourceDeclaration, wishes: Wishes
) -> dict[str, str]:
    """Find the declared column of each column of the file: as said, else by name."""
    words = {normalised(column): column for column in declared.columns}
    for kind in load_kinds().values():
        for role, each in kind.roles.items():
            if role in declared.columns:
                words |= {
                    normalised(word): role for word in each.names if normalised(word) not in words
                }
    found = {file: column for file, column in wishes.roles.items() if column in declared.columns}
    for profile in profiles:
        column = words.get(normalised(profile.file))
        if profile.file not in wishes.roles and column and column not in found.values():
            found[profile.file] = column
    return found


def _check(
    name: str,
    declared: SourceDeclaration,
    found: Mapping[str, str],
    profiles: Sequence[ColumnProfile],
) -> None:
    needed = [*declared.key, *([declared.time] if declared.time else [])]
    missing = [column for column in needed if column not in found.values()]
    if missing:
        columns = [profile.file for profile in profiles]
        near = nearest(missing[0], columns) or columns[:8]
        raise WorkspaceFileError(
            file=f"--as {name}",
            detail=f"no column of the file is recognised as {missing[0]!r}.",
            next=f"Name it: --map COLUMN={missing[0]}. Nearest: {', '.join(map(repr, near))}.",
        )


def _mapping(name: str, profile: ColumnProfile, declared: SourceDeclaration) -> ColumnMapping:
    type = declared.columns[name].type
    mapped = profile.mapped(name, type)
    is_plain = profile.date_orders == ("ymd",)  # read as it is, with or without a time
    return mapped.model_copy(
        update={
            "formats": () if is_plain else mapped.formats,
            "numbers": profile.numbers if profile.numbers == "comma" else None,
            "contact": False,
            "masked": False,
        }
    )


def _line(profile: ColumnProfile, found: Mapping[str, str], declared: SourceDeclaration) -> Line:
    name = found.get(profile.file)
    is_private = profile.contact is not None or (
        name is not None and declared.columns[name].contact
    )
    return Line(
        file=profile.file,
        name=name,
        type=declared.columns[name].type if name else profile.type,
        examples=() if is_private else profile.examples,
        why=profile.why if name else "not one of the standard columns, left out",
        is_role=name is not None,
    )
