"""A brand's own files: a new workspace, a file read and proposed, the proposal stored."""

from __future__ import annotations

import hashlib
import re
import shutil
from datetime import date
from pathlib import Path

from tools.evidence import Record
from warehouse.errors import SourceError, WorkspaceFileError
from warehouse.mapping import NAME
from warehouse.own_tables import refuse_clashes
from warehouse.proposals.dates import DateOrder
from warehouse.proposals.proposal import Line, Proposal, Question, Wishes, propose
from warehouse.proposals.semantic import Blocks, propose_semantic, write_semantic
from warehouse.proposals.standard import propose_standard
from warehouse.semantic_model import load_semantic_model, model_folders
from warehouse.sources import find_format
from warehouse.sources.csv_file import refuse_no_text, title_lines
from warehouse.sources.declaration import load_declarations
from warehouse.sources.encoding import find_encoding
from warehouse.sources.excel_file import sheets_with_data
from warehouse.sources.own import OWN
from warehouse.workspace_file import FILE_NAME, SourceFile, WorkspaceFile, load_workspace_file
from warehouse.workspace_text import new_workspace_text, put_source

__all__ = ["DateOrder", "LoadReport", "LoadedFile", "Line", "Proposal", "Question", "Wishes",
           "flags_for", "new_workspace", "read_file", "store", "written_as"]  # fmt: skip

MOST_BYTES = 4 * 10**9
_MARK = "Unchanged since it was proposed while this stands: "


class LoadReport(Record):
    """What was stored, and where."""

    source: str
    file: str
    kind: str
    rows: int
    semantic: str | None
    kept: str | None
    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]


class LoadedFile(Record):
    """A file and what it seems to be; nothing is stored yet."""

    workspace: Path
    name: str
    path: Path
    proposal: Proposal


def new_workspace(folder: Path, name: str | None, currency: str, time_zone: str) -> WorkspaceFile:
    """Make the folder of a brand that has loaded nothing yet.

    Raises
    ------
    WorkspaceFileError
        There is a workspace already, or currency or time zone are none.
    """
    file = folder / FILE_NAME
    if file.exists():
        raise WorkspaceFileError(
            file=str(file),
            detail="is there already.",
            next=f"Load files into it: sextant load FILE --as NAME --workspace {folder}.",
        )
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "semantic").mkdir(exist_ok=True)
    file.write_text(new_workspace_text(name or folder.resolve().name, currency, time_zone), "utf-8")
    try:
        return load_workspace_file(file)
    except WorkspaceFileError:
        file.unlink()
        raise


def read_file(
    folder: Path, path: Path, name: str, wishes: Wishes, declared: SourceFile | None = None
) -> LoadedFile:
    """Read a file and propose how it is to be taken; nothing is stored.

    Parameters
    ----------
    folder : Path
        The workspace.
    path : Path
        The file.
    name : str
        Of the source it becomes.
    wishes : Wishes
        What the person said.
    declared : SourceFile, optional
        How the file is written, as far as it is known: encoding, delimiter, sheet, header.

    Raises
    ------
    WorkspaceFileError
        The name cannot be used, or what was said does not fit the file.
    SourceError
        The file is missing, too large or cannot be read.
    """
    workspace = load_workspace_file(folder)
    _check_name(workspace, folder, name)
    file = _checked(path)
    source = _as_written(file, declared or SourceFile(file=file.name))
    if workspace.marts != OWN:
        declared_source = load_declarations(workspace.marts).sources[name]
        proposal = propose_standard(
            source, file.parent, name, declared_source, wishes, workspace.time_zone
        )
        return LoadedFile(workspace=folder, name=name, path=file, proposal=proposal)
    proposal = propose(source, file.parent, wishes, workspace.time_zone, date.today())
    others = {n: each for n, each in workspace.sources.items() if n != name}
    refuse_clashes(str(folder / FILE_NAME), {**others, name: proposal.source})
    return LoadedFile(workspace=folder, name=name, path=file, proposal=proposal)


def store(loaded: LoadedFile) -> LoadReport:
    """Copy the file below ``data/``, write its mapping and its semantic model.

    A semantic file that a person has edited is kept beside the new one.
    """
    folder, name, proposal = loaded.workspace, loaded.name, loaded.proposal
    workspace = load_workspace_file(folder)
    if workspace.marts != OWN:
        return _stored(loaded, _keep_and_map(loaded))
    file = folder / "semantic" / f"{name}.yml"
    facts = [str(source.kind) for n, source in workspace.sources.items() if n != name]
    if _has_clock(proposal):
        facts.append("clock_time")
    kept = _set_aside(file)
    others = [path for path in model_folders(folder, workspace.marts) if any(path.glob("*.yml"))]
    taken = load_semantic_model(others) if others else None
    blocks = propose_semantic(name, proposal.source, proposal.extras, facts, taken)
    heading = (
        f"Proposed by 'sextant load' for {proposal.source.file}. Edit it freely: names, labels,\n"
        "synonyms and definitions in both languages are yours.\n"
    )
    body = write_semantic(blocks, "")
    file.parent.mkdir(exist_ok=True)
    file.write_text(write_semantic(blocks, f"{heading}{_MARK}{_digest(body)}"), "utf-8")
    return _stored(loaded, _keep_and_map(loaded), str(file), kept, blocks)


def _keep_and_map(loaded: LoadedFile) -> str:
    """Copy the file below ``data/`` and write its mapping; give its place there."""
    kept_at = _kept_at(loaded.workspace, loaded.path, loaded.name)
    source = loaded.proposal.source.model_copy(update={"file": kept_at})
    put_source(loaded.workspace, loaded.name, source)
    return kept_at


def _stored(
    loaded: LoadedFile,
    kept_at: str,
    semantic: str | None = None,
    kept: Path | None = None,
    blocks: Blocks | None = None,
) -> LoadReport:
    shown = {
        part: tuple(n for n, each in found.items() if not each.get("hidden"))
        for part, found in (blocks or {}).items()
    }
    return LoadReport(
        source=loaded.name,
        file=kept_at,
        kind=loaded.proposal.source.kind or "standard",
        rows=loaded.proposal.rows,
        semantic=semantic,
        kept=str(kept) if kept else None,
        metrics=shown.get("metrics", ()),
        dimensions=shown.get("dimensions", ()),
    )


def _has_clock(proposal: Proposal) -> bool:
    column = proposal.source.mapped.get("ordered_at")
    return column is not None and column[1].type == "timestamp"


def _check_name(workspace: WorkspaceFile, folder: Path, name: str) -> None:
    if not re.match(NAME, name):
        raise WorkspaceFileError(
            file=f"--as {name}",
            detail="is no name that can be used.",
            next="Use small letters, digits and single underscores, such as 'sales'.",
        )
    if workspace.marts != OWN and name not in (known := load_declarations(workspace.marts).sources):
        raise WorkspaceFileError(
            file=str(folder / FILE_NAME),
            detail=f"the {workspace.marts!r} marts have no source {name!r}.",
            next=f"They read: {', '.join(known)}. For other files: sextant new DIR.",
        )


def _checked(path: Path) -> Path:
    if not path.is_file():
        detail = "is a folder, not a file." if path.is_dir() else "there is no such file."
        raise SourceError(file=str(path), detail=detail, next="Name a file.")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise SourceError(
            file=str(path),
            detail=f"is {size / 10**9:.1f} GB; at most {MOST_BYTES / 10**9:.0f} GB are read.",
            next="Export it as Parquet, or in parts.",
        )
    return path.resolve()


def _kept_at(folder: Path, path: Path, name: str) -> str:
    """Copy a file below ``data/``, into a folder of its source; one that lies there stays."""
    data = (folder / "data").resolve()
    if path.is_relative_to(data):
        return str(path.relative_to(data))
    target = data / name / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f".{target.name}.half")
    shutil.copyfile(path, half)
    half.replace(target)
    return str(target.relative_to(data))


def _as_written(path: Path, declared: SourceFile) -> SourceFile:
    """Add what the file itself shows of how it is written: encoding, lines above the header."""
    update: dict[str, object] = {"file": path.name}
    format = find_format(declared, path)
    if format in ("csv", "jsonl") and declared.encoding is None:
        encoding = find_encoding(path)
        if encoding != "utf-16":
            refuse_no_text(path, path)
        if encoding != "utf-8":
            update["encoding"] = encoding
    elif format == "excel" and declared.sheet is None:
        sheets = sheets_with_data(path)
        if len(sheets) == 1:
            update["sheet"] = sheets[0]
    if format == "csv" and not declared.header and not declared.skip:
        update["skip"] = title_lines(path, declared.model_copy(update=update))
    return declared.model_copy(update=update)


def _set_aside(file: Path) -> Path | None:
    """Move a semantic file out of the way; one that was edited is kept as ``.bak``."""
    if not file.exists():
        return None
    text = file.read_text("utf-8")
    mark = re.search(re.escape(_MARK) + r"(\w+)", text)
    body = re.sub(r"\A(#.*\n)+", "", text)
    if mark and mark[1] == _digest(body):
        file.unlink()
        return None
    kept = file.with_suffix(".yml.bak")
    file.replace(kept)
    return kept


def _digest(body: str) -> str:
    plain = re.sub(r"\A(#.*\n)+", "", body)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def flags_for(question: Question) -> str:
    """Write the flag that answers a question."""
    if question.about == "date_order":
        return f"--date-order {'|'.join(question.choices)}"
    return " or ".join(f"--map '{choice}={question.subject}'" for choice in question.choices)


def written_as(
    path: Path,
    sheet: str | None = None,
    columns: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> SourceFile:
    """Gather how a person said that a file is written."""
    header = tuple(name.strip() for name in columns.split(",")) if columns else ()
    signs = {"tab": "\t", "blank": " ", "comma": ",", "semicolon": ";", "pipe": "|"}
    sign = signs.get(delimiter, delimiter) if delimiter else None
    return SourceFile(file=path.name, sheet=sheet, header=header, encoding=encoding, delimiter=sign)
