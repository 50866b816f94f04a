"""Taking a port, before anything heavy is loaded."""

from __future__ import annotations

import socket


class PortInUse(Exception):
    """The address or the port cannot be had."""


def listen(host: str, port: int) -> socket.socket:
    """Take a port of an address.

    Raises
    ------
    PortInUse
        When another program listens there (the message names a free port), or the address is not
        one of this machine.
    """
    try:
        family, _, _, _, _ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return _bound(family, host, port)
    except OSError as error:
        reason = f"Cannot listen on {host!r}, port {port}: {error.strerror}."
        try:
            with _bound(socket.AF_INET, "127.0.0.1", 0) as free:
                hint = f"Free on this machine: --port {free.getsockname()[1]}."
        except OSError:
            hint = "Try another --port."
        raise PortInUse(f"{reason} {hint}") from error


def _bound(family: int, host: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener
