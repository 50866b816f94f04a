"""How a question becomes an answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.analyst import Analyst

__all__ = ["open_analyst"]


def open_analyst(workspace: str | Path = "demo") -> Analyst:
    """Open the analyst of a workspace.

    Parameters
    ----------
    workspace : str or Path
        A workspace's folder; a bare name stands for a folder under ``workspaces/``.

    Raises
    ------
    WorkspaceFileError
        When the folder holds no readable ``workspace.yml``.

    Examples
    --------
    >>> with open_analyst("demo") as analyst:            # doctest: +SKIP
    ...     print(analyst.ask("上个月的销售额是多少?").text)
    """
    from agent.analyst import open_analyst as open_now  # the agent's imports take two seconds

    return open_now(workspace)
