"""Files as they came: where they lie, their fingerprint, their encoding."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import SourceError, nearest

CHUNK = 1 << 22
UTF8, GB18030 = "utf-8", "gb18030"
# GB18030 contains GBK and GB2312, so that one decoder reads all three.
ENCODINGS: tuple[tuple[str, str], ...] = (
    ("utf-8", UTF8),
    ("utf8", UTF8),
    ("utf-8-sig", UTF8),
    ("gbk", GB18030),
    ("gb2312", GB18030),
    ("gb18030", GB18030),
    ("cp936", GB18030),
    ("big5", "big5hkscs"),
    ("cp950", "big5hkscs"),
    ("utf-16", "utf-16"),
    ("utf-16-le", "utf-16-le"),
    ("utf-16-be", "utf-16-be"),
    ("latin-1", "cp1252"),
    ("iso-8859-1", "cp1252"),
    ("cp1252", "cp1252"),
    ("windows-1252", "cp1252"),
    ("shift_jis", "cp932"),
    ("cp932", "cp932"),
    ("euc-kr", "cp949"),
    ("cp949", "cp949"),
)


@dataclass(frozen=True)
class FilePrint:
    """What one pass over a file found.

    ``lines`` counts line ends, and the last line when it has none. ``bad_line`` is the first line
    that is no UTF-8, or 0.
    """

    path: Path
    sha256: str
    bytes: int
    lines: int
    bad_line: int


def find_files(folder: Path, pattern: str, suffixes: tuple[str, ...]) -> tuple[Path, ...]:
    """List the files of a source in name order: the file itself, a folder's, or a pattern's."""
    path = folder / pattern
    if path.is_file():
        return (path,)
    if path.is_dir():
        found = [f for f in path.iterdir() if f.is_file() and f.suffix.lower() in suffixes]
        pattern_text = f"no file ending in {', '.join(suffixes)} in the folder."
    else:
        found = [f for f in folder.glob(pattern) if f.is_file()]
        pattern_text = "no such file."
    if not found:
        here = sorted(f.name for f in folder.iterdir()) if folder.is_dir() else []
        near = ", ".join(map(repr, nearest(pattern, here))) or "none"
        raise SourceError(
            file=str(path), detail=pattern_text, next=f"Nearest: {near}. Correct 'file'."
        )
    return tuple(sorted(found))


def fingerprint(path: Path, *, text: bool = True) -> FilePrint:
    """Read a file once: hash, size, and for text its lines and whether it is UTF-8."""
    digest, size, newlines, bad_line, last = hashlib.sha256(), 0, 0, 0, b"\n"
    decoder = codecs.getincrementaldecoder(UTF8)("strict")
    for chunk in _chunks(path):
        digest.update(chunk)
        size += len(chunk)
        if text:
            if not bad_line:
                bad_line = _first_bad_line(decoder, chunk, newlines)
            newlines += chunk.count(b"\n")
            last = chunk[-1:]
    if text and not bad_line:
        bad_line = _first_bad_line(decoder, b"", newlines, final=True)
    lines = newlines + (last != b"\n") if text else 0
    return FilePrint(path, digest.hexdigest(), size, lines, bad_line)


def as_utf8(found: FilePrint, declared: str | None, scratch: Path) -> Path:
    """Give a UTF-8 form of a text file: the file itself, or a copy in the scratch folder.

    Raises
    ------
    SourceError
        The declared encoding is unknown, or the bytes are not of it; the error names the line.
    """
    encoding = _encoding(found, declared)
    if encoding == UTF8:
        return found.path
    target = scratch / f"{found.sha256[:16]}.utf8"
    with found.path.open("rb") as source, target.open("w", encoding=UTF8, newline="") as copy:
        decoder, line = codecs.getincrementaldecoder(encoding)("strict"), 1
        while chunk := source.read(CHUNK):
            try:
                copy.write(decoder.decode(chunk))
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                raise _undecodable(found.path, declared or encoding, line) from None
            line += chunk.count(b"\n")
        if decoder.getstate()[0]:
            raise _undecodable(found.path, declared or encoding, line)
    return target


def _encoding(found: FilePrint, declared: str | None) -> str:
    if declared is None:
        return GB18030 if found.bad_line else UTF8
    known = dict(ENCODINGS)
    encoding = known.get(declared.lower().replace("_", "-"))
    if encoding is None:
        raise SourceError(
            file=str(found.path),
            detail=f"unknown encoding {declared!r}.",
            next=f"Allowed: {', '.join(known)}; or leave it out to have it found.",
        )
    if encoding == UTF8 and found.bad_line:
        raise _undecodable(found.path, declared, found.bad_line)
    return encoding


def _first_bad_line(
    decoder: codecs.IncrementalDecoder, chunk: bytes, newlines: int, *, final: bool = False
) -> int:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        return newlines + error.object[: error.start].count(b"\n") + 1
    return 0


def _undecodable(path: Path, encoding: str, line: int) -> SourceError:
    return SourceError(
        file=str(path),
        detail=f"line {line} is not {encoding}.",
        next="Declare the right 'encoding' in workspace.yml, or export the file again as UTF-8.",
    )


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise SourceError(
            file=str(path), detail=f"{reason.lower()}.", next="Check the file and its permissions."
        ) from None
