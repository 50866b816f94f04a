"""Serve the fake analyst on a free port, as a process of its own: ``serve_fake FOLDER [broken]``.

Whatever the process looks up or connects to beyond this machine is written to ``FOLDER/outside``.
"""

import sys
from ipaddress import ip_address
from pathlib import Path

WORKSPACE = Path(sys.argv[1])


def watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if host in (None, "", "localhost"):
        return
    try:
        is_here = ip_address(str(host)).is_loopback
    except ValueError:
        is_here = False
    if not is_here:
        with (WORKSPACE / "outside").open("a", encoding="utf-8") as file:
            file.write(f"{event} {host}\n")


def main() -> None:
    sys.addaudithook(watch)
    from ui.listening import listen
    from ui.server import serve

    from .fake_analyst import FakeAnalyst

    analyst = FakeAnalyst(is_broken="broken" in sys.argv)
    serve(analyst, WORKSPACE, listen("127.0.0.1", 0), lambda server: None)


if __name__ == "__main__":
    main()
