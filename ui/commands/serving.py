"""Serving the web page and the HTTP interface: ``serve``."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

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
from ui.local import LocalServer, running_server


def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; the default is this machine only.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="0 takes any free port.")
    ] = 7860,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve the web page of a workspace until interrupted."""
    folder, is_json = workspace_folder(context, workspace), wants_json(context, as_json)
    if running := running_server(folder):
        fail(f"{folder} is already served at {running.address} (process {running.pid}).", is_json)
    if not is_json:
        typer.echo(f"Opening {folder} …", err=True)

    def ready(server: LocalServer) -> None:
        if is_json:
            print_json({"address": server.address, "pid": server.pid})
        else:
            typer.echo(f"六分仪 Sextant: {server.address}   (Ctrl-C stops it)")

    from ui.listening import PortInUse, listen

    try:
        listener = listen(host, port)
    except PortInUse as error:
        fail(str(error), is_json)
    with clear_errors(is_json), listener:
        from agent import open_analyst
        from tools.errors import FAILURES

        with open_analyst(folder) as analyst:
            from ui.server import serve as serve_now

            with suppress(*FAILURES):  # a store that is missing is told with each answer
                analyst.prepare()
            serve_now(analyst, folder, listener, ready)
