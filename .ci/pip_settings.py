"""Print pip's settings as uv's, for a shell to read, so that both fetch from the same place.

uv does not read pip's configuration: behind a mirror it would ask the public index and fail.
What is already set for uv in the environment stays.
"""

import ast
import os
import shlex
import subprocess
import sys

SETTINGS = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "no-index": ("UV_NO_INDEX", " "),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "cert": ("SSL_CERT_FILE", " "),
    "timeout": ("UV_HTTP_TIMEOUT", " "),
    "proxy": ("ALL_PROXY", " "),
}
RANKS = ("global", "install", ":env:")


def pip_settings(listing: str) -> dict[str, str]:
    """Read ``pip config list``: the environment beats [install], which beats [global]."""
    found: dict[str, tuple[int, str]] = {}
    for line in listing.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if section not in RANKS:
            continue
        rank = RANKS.index(section)
        if name not in found or rank > found[name][0]:
            found[name] = (rank, str(ast.literal_eval(value)))
    return {name: value for name, (_, value) in found.items()}


def uv_settings(settings: dict[str, str]) -> dict[str, str]:
    """Translate; like pip, uv shall take the best version of all indexes (hashes guard it)."""
    translated = {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    for name, (variable, separator) in SETTINGS.items():
        if name in settings:
            translated[variable] = separator.join(settings[name].split())
    return translated


if __name__ == "__main__":
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for variable, value in uv_settings(pip_settings(listing)).items():
        if variable not in os.environ:
            sys.stdout.write(f"export {variable}={shlex.quote(value)}\n")
