"""Make sure that the folders of this program are the ones Python imports.

The folders have short names (``tools``, ``agent``). A package of the same name that comes earlier
on the path would be imported in their place, and the program would fail far from the cause.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

OWN = ("agent", "tools", "knowledge", "warehouse", "prompts", "ui", "evals")


class ForeignFolder(Exception):
    """A package from elsewhere stands in the place of one of our folders."""


def check_own_folders(root: Path | None = None) -> None:
    """Check that every folder of ours would be imported from beside this one.

    Parameters
    ----------
    root : Path, optional
        Where the folders belong; by default the parent of this file's folder.

    Raises
    ------
    ForeignFolder
        When one of the names is found elsewhere or not at all.
    """
    home = (root or Path(__file__).parent.parent).resolve()
    for name in OWN:
        found = _folder_of(name)
        if found != home / name:
            raise ForeignFolder(
                f"The folder {name!r} must come from {str(home / name)!r}. Got "
                f"{str(found) if found else None!r}. Another package has the same name: "
                "uninstall it, or run Sextant in an environment of its own."
            )


def _folder_of(name: str) -> Path | None:
    spec = find_spec(name)
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).resolve()
    return Path(spec.origin).resolve() if spec.origin else None
