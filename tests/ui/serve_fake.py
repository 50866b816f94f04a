"""Serve the fake analyst on a free port, as a process of its own: ``serve_fake FOLDER [NAME]``."""

import sys
from pathlib import Path

from ui.listening import listen
from ui.server import serve

from .fake_analyst import FakeAnalyst


def main() -> None:
    workspace = Path(sys.argv[1])
    analyst = FakeAnalyst()

    def ready(server: object) -> None:
        (workspace / "ready").write_text("yes", "utf-8")

    serve(analyst, workspace, listen("127.0.0.1", 0), ready)


if __name__ == "__main__":
    main()
