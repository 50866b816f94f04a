"""A foreign package in the place of one of our folders is named, never run."""

import subprocess
import sys
from pathlib import Path

import pytest

from ui.own_folders import OWN, ForeignFolder, check_own_folders

ROOT = Path(__file__).parents[2]


def test_own_folders_are_where_they_belong():
    check_own_folders()


def test_a_folder_from_elsewhere_is_refused(tmp_path):
    with pytest.raises(ForeignFolder) as caught:
        check_own_folders(tmp_path)

    assert str(caught.value) == (
        f"The folder 'agent' must come from '{tmp_path}/agent'. Got '{ROOT}/agent'. Another "
        "package has the same name: uninstall it, or run Sextant in an environment of its own."
    )


@pytest.mark.parametrize("name", [name for name in OWN if name != "ui"])
def test_program_stops_at_a_foreign_package(tmp_path, name):
    package = tmp_path / name
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('the foreign package ran')\n")
    start = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; "
        "sys.argv = ['sextant', 'doctor']; from ui.cli import main; main()"
    )

    done = subprocess.run(
        [sys.executable, "-c", start], capture_output=True, text=True, cwd=tmp_path, check=False
    )

    assert done.returncode == 1
    assert done.stdout == ""
    assert f"The folder '{name}' must come from" in done.stderr
    assert str(package) in done.stderr
    assert "Traceback" not in done.stderr
