"""A brand's own files: ``new`` and ``load``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ui.commands.options import (
    JsonOption,
    WorkspaceOption,
    clear_errors,
    fail,
    print_json,
    wants_json,
    workspace_folder,
)

if TYPE_CHECKING:
    from tools.loading import LoadedFile, LoadReport, Question, Wishes

DateOrder = Literal["ymd", "mdy", "dmy"]
Kind = Literal["transactions", "customers", "products", "records"]
_ORDERS = {"ymd": "year, month, day", "mdy": "month, day, year", "dmy": "day, month, year"}


def new(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.")],
    name: Annotated[str | None, typer.Option("--name", help="What the brand is called.")] = None,
    currency: Annotated[
        str, typer.Option("--currency", help="Currency of the amounts, as CNY, USD, GBP.")
    ] = "CNY",
    time_zone: Annotated[
        str, typer.Option("--time-zone", help="Where days begin, as Europe/London.")
    ] = "Asia/Shanghai",
    as_json: JsonOption = False,
) -> None:
    """Make the folder of a workspace for your own files."""
    is_json = wants_json(context, as_json)
    with clear_errors(is_json):
        from tools.loading import new_workspace

        made = new_workspace(folder, name, currency.upper(), time_zone)
    following = f"sextant load FILE --as sales --workspace {folder}"
    if is_json:
        print_json({"workspace": str(folder), "name": made.name.en, "next": following})
        return
    typer.echo(f"Made {folder} for {made.name.en!r}: {made.currency}, {made.time_zone}.")
    typer.echo(f"Next: {following}")


def load(
    context: typer.Context,
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV, TSV, Excel, JSON lines or Parquet.")
    ],
    name: Annotated[
        str, typer.Option("--as", metavar="SOURCE", help="What the source is called, as sales.")
    ],
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=ROLE", help="What a column is; as often as needed."),
    ] = None,
    date_order: Annotated[
        DateOrder | None, typer.Option("--date-order", help="Order of numbers in dates.")
    ] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help="What the file holds.")] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="Sheet of an Excel file.")] = None,
    columns: Annotated[
        str | None,
        typer.Option("--columns", metavar="A,B,...", help="Names for a file without a header."),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="Encoding of the text.")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option("--delimiter", help="What separates cells; 'blank' for blanks.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take what is proposed.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read a file of your own, propose what its columns mean, and store that."""
    folder, is_json = workspace_folder(context, workspace), wants_json(context, as_json)
    with clear_errors(is_json):
        from tools.loading import Wishes, read_file, store, written_as

        wishes = Wishes(kind=kind, roles=_pairs(mapping or [], is_json), date_order=date_order)
        written = written_as(path, sheet, columns, encoding, delimiter)
        loaded = read_file(folder, path, name, wishes, written)
        asks = _is_asked(is_json, yes)
        if asks:
            _show(loaded)
        while (
            loaded.proposal.questions
            and (answered := _answered(loaded, wishes, asks, yes, is_json)) != wishes
        ):
            wishes = answered
            loaded = read_file(folder, path, name, wishes, written)
        if asks and not typer.confirm("Store this?", default=True):
            typer.echo("Nothing stored. Say otherwise with --map COLUMN=ROLE or --kind.")
            raise typer.Exit(1)
        report = store(loaded)
    if is_json:
        print_json(_as_json(loaded, report))
        return
    if not asks:
        _show(loaded)
    _say_stored(report, folder)


def _is_asked(is_json: bool, yes: bool) -> bool:
    return sys.stdin.isatty() and not is_json and not yes


def _pairs(mapping: list[str], is_json: bool) -> dict[str, str]:
    """Read ``COLUMN=ROLE``; the column's name may hold an equals sign."""
    pairs = {}
    for text in mapping:
        column, sign, role = text.rpartition("=")
        if not sign or not column or not role.strip():
            fail(f"--map {text!r} is not COLUMN=ROLE, as --map 'Invoice no=order_id'.", is_json, 2)
        pairs[column.strip()] = role.strip()
    return pairs


def _answered(loaded: LoadedFile, wishes: Wishes, asks: bool, yes: bool, is_json: bool) -> Wishes:
    """Ask what is open; without a terminal, the flags that say it are named."""
    from tools.loading import flags_for

    questions = loaded.proposal.questions
    if not asks:
        needed = [q for q in questions if q.about == "date_order" or not yes]
        if needed:
            said = "; ".join(f"{_worded(q)} Say {flags_for(q)}." for q in needed)
            fail(f"{loaded.proposal.source.file}: {said}", is_json, code=2)
        return wishes
    question = questions[0]
    choice = _choose(question)
    if question.about == "date_order":
        return wishes.model_copy(update={"date_order": choice})
    return wishes.model_copy(update={"roles": {**wishes.roles, choice: question.subject}})


def _worded(question: Question) -> str:
    if question.about == "date_order":
        return f"the order of the dates in {question.subject!r} is open ({question.why})."
    names = " or ".join(map(repr, question.choices))
    return f"{question.subject!r} may be {names}."


def _choose(question: Question) -> str:
    typer.echo(_worded(question)[:1].upper() + _worded(question)[1:])
    for number, choice in enumerate(question.choices, 1):
        typer.echo(f"  {number}. {_ORDERS.get(choice, choice)}")
    while True:
        given = typer.prompt("Which", default="1").strip()
        if given in question.choices:
            return str(given)
        if given.isdigit() and 1 <= int(given) <= len(question.choices):
            return question.choices[int(given) - 1]
        typer.echo(f"A number from 1 to {len(question.choices)}.")


def _show(loaded: LoadedFile) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    proposal, name = loaded.proposal, loaded.name
    typer.echo(
        f"{proposal.source.file}: {proposal.rows:,} rows, read as {proposal.source.kind or name} "
        f"({proposal.kind_why})."
    )
    table = Table("Column", "Becomes", "Type", "Examples", "Why")
    for line in proposal.lines:
        examples = ", ".join(text[:24] for text in line.examples)
        cells = (line.file, line.name or "left out", line.type, examples, line.why)
        style = "bold" if line.is_role else ""
        table.add_row(*(Text(cell, style=style) for cell in cells))
    Console().print(table)
    if proposal.cancelled:
        rule = proposal.cancelled
        typer.echo(f"Cancelled or returned: {rule.why}; {rule.lines:,} lines.")
    if proposal.others:
        ids = ", ".join(proposal.others.ids[:8])
        typer.echo(f"No products: {ids}; {proposal.others.lines:,} lines ({proposal.others.why}).")
    for finding in proposal.findings:
        where = finding.column or "rows"
        examples = f": {', '.join(finding.examples)}" if finding.examples else ""
        check = finding.check.replace("_", " ")
        typer.echo(f"Odd: {where}, {check}, {finding.count:,} {finding.action}{examples}")


def _say_stored(report: LoadReport, folder: Path) -> None:
    if report.kept:
        typer.echo(f"You had edited {report.semantic}; your version is kept as {report.kept}.")
    if report.semantic is None:
        typer.echo(f"Stored as {report.source!r}, for the marts that expect it.")
    else:
        typer.echo(
            f"Stored as {report.source!r}: {len(report.metrics)} metrics and "
            f"{len(report.dimensions)} dimensions in {report.semantic}, yours to edit."
        )
    typer.echo(f"Next: sextant build --workspace {folder}")


def _as_json(loaded: LoadedFile, report: LoadReport) -> dict[str, object]:
    proposal = loaded.proposal
    found = proposal.model_dump(
        mode="json", include={"kind_why", "lines", "cancelled", "others", "findings"}
    )
    following = f"sextant build --workspace {loaded.workspace}"
    return {**report.model_dump(mode="json"), **found, "next": following}
