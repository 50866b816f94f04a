"""Which kind of file it is and which column plays which role: by name, type and repetition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz

from warehouse.errors import WorkspaceFileError, nearest
from warehouse.mapping import ColumnType, Kind
from warehouse.proposals.names import normalised, words_of
from warehouse.proposals.profile import ColumnProfile
from warehouse.query import Record
from warehouse.sources.own import KindOfSource, load_kinds

EXACT, INSIDE, ALIKE = 100, 85, 80
_ALIKE_FROM = 90
_TYPES: Mapping[ColumnType, tuple[ColumnType, ...]] = {
    "id": ("id", "text", "integer", "number"),
    "text": ("text", "id", "code", "boolean", "integer"),
    "number": ("integer", "number", "boolean"),
    "timestamp": ("date", "timestamp"),
}
"""Types of columns that can play a role of each type."""


class Assignment(Record):
    """A column in a role, why, and the columns that might be it just as well."""

    role: str
    file: str
    why: str
    rivals: tuple[str, ...] = ()


class Reading(Record):
    """How a file is read as a whole: its kind, why, and the columns in roles."""

    kind: Kind
    why: str
    roles: tuple[Assignment, ...]

    def column(self, role: str) -> str | None:
        """Name the column of the file in a role."""
        return next((each.file for each in self.roles if each.role == role), None)


def read_roles(
    profiles: Sequence[ColumnProfile],
    kind: Kind | None = None,
    said: Mapping[str, str] | None = None,
) -> Reading:
    """Propose the kind of a file and the roles of its columns.

    Parameters
    ----------
    profiles : sequence of ColumnProfile
        All columns of the file.
    kind : Kind, optional
        What a person said it is.
    said : mapping of column to role
        What a person said of single columns; anything else than a role is a name.

    Raises
    ------
    WorkspaceFileError
        What was said does not fit: names the columns and roles that there are.
    """
    kinds = load_kinds()
    said = said or {}
    _check_said(profiles, said)
    if kind is not None:
        roles = _assign(kinds[kind], profiles, said)
        _check_complete(kind, kinds[kind], roles, profiles)
        return Reading(kind=kind, why="as you said", roles=roles)
    for name in ("transactions", "customers", "products"):
        roles = _assign(kinds[name], profiles, said)
        why = _shows(name, kinds[name], roles, profiles)
        if why:
            return Reading(kind=name, why=why, roles=roles)
    return Reading(kind="records", why="neither sales nor one row a customer or product", roles=())


def _check_said(profiles: Sequence[ColumnProfile], said: Mapping[str, str]) -> None:
    columns = [profile.file for profile in profiles]
    for column in said:
        if column not in columns:
            near = nearest(column, columns) or columns[:8]
            raise WorkspaceFileError(
                file="--map",
                detail=f"the file has no column {column!r}.",
                next=f"Nearest: {', '.join(map(repr, near))}.",
            )


def _check_complete(
    name: Kind, kind: KindOfSource, roles: Sequence[Assignment], profiles: Sequence[ColumnProfile]
) -> None:
    found = {each.role for each in roles}
    if any(found >= set(needed) for needed in kind.one_of):
        return
    needed = min(kind.one_of, key=lambda each: len(set(each) - found))
    missing = [role for role in needed if role not in found]
    columns = ", ".join(repr(profile.file) for profile in profiles[:12])
    raise WorkspaceFileError(
        file=f"--kind {name}",
        detail=f"no column of the file is recognised as {' or '.join(map(repr, missing))}.",
        next=f"Name it: --map COLUMN={missing[0]}. Columns: {columns}.",
    )


def _shows(
    name: Kind, kind: KindOfSource, roles: Sequence[Assignment], profiles: Sequence[ColumnProfile]
) -> str | None:
    """Say what shows that a file is of a kind; ``None`` if it does not seem so."""
    by_file = {profile.file: profile for profile in profiles}
    found = {each.role: by_file[each.file] for each in roles}
    if not any(found.keys() >= set(needed) for needed in kind.one_of):
        return None
    if name == "transactions":
        whose = [r for r in ("order_id", "customer_id", "product_id", "product_name") if r in found]
        return f"each row has a time, an amount and {', '.join(whose)}" if whose else None
    key = found[str(kind.key)]
    if not key.is_unique:
        return None
    if name == "products" and "product_name" not in found:
        return None
    return f"{key.file!r} is different in every row"


def _assign(
    kind: KindOfSource, profiles: Sequence[ColumnProfile], said: Mapping[str, str]
) -> tuple[Assignment, ...]:
    """Give each role the column that fits it best; what a person said goes before everything."""
    taken = {
        role: Assignment(role=role, file=column, why="as you said")
        for column, role in said.items()
        if role in kind.roles
    }
    scores: list[tuple[int, int, int, str, str]] = []
    for place, profile in enumerate(profiles):
        if profile.file in said:
            continue
        for role, wanted in kind.roles.items():
            if profile.type not in _TYPES[wanted.type] or not profile.filled:
                continue
            score, rank = _likeness(profile.file, wanted.names)
            if score:
                scores.append((-score, rank, place, role, profile.file))
    used = {each.file for each in taken.values()}
    for score, _, _, role, file in sorted(scores):
        if role in taken or file in used:
            continue
        used.add(file)
        rivals = tuple(
            other
            for other_score, _, _, other_role, other in sorted(scores)
            if other_role == role and other != file and other_score <= -EXACT and score <= -EXACT
        )
        why = "by its name" if -score >= EXACT else "its name is like one"
        taken[role] = Assignment(role=role, file=file, why=why, rivals=rivals)
    kept = {each.file for each in taken.values()}
    return tuple(
        taken[role].model_copy(
            update={"rivals": tuple(r for r in taken[role].rivals if r not in kept)}
        )
        for role in kind.roles
        if role in taken
    )


def _likeness(column: str, names: Sequence[str]) -> tuple[int, int]:
    """Score how much a column's name is one of the names, and which place that one has."""
    plain, words = normalised(column), words_of(column)
    best = (0, 0)
    for rank, name in enumerate(names):
        other, parts = normalised(name), words_of(name)
        if plain == other:
            return EXACT, rank
        inside = len(parts) > 1 and all(part in words for part in parts)
        inside = inside or (not name.isascii() and len(name) >= 3 and name in column)
        if inside and best[0] < INSIDE:
            best = (INSIDE, rank)
        elif best[0] < ALIKE and len(other) > 4 and fuzz.ratio(plain, other) >= _ALIKE_FROM:
            best = (ALIKE, rank)
    return best
