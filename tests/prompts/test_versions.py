import pytest

from prompts import PromptError
from prompts.versions import LOCK, current_prompts, locked_prompts, write_lock

HEAD = "---\nname: greet\nversion: {version}\npurpose: Greet.\ninputs: []\noutput: text\n---\n"


def put(folder, version, text):
    (folder / "greet.md").write_text(HEAD.format(version=version) + text, "utf-8")


def test_lock_holds_the_version_of_every_prompt_text():
    """If this fails: raise ``version`` in the prompt that changed, then ``make prompts-lock``."""
    assert locked_prompts() == current_prompts()


def test_changed_text_needs_a_raised_version(tmp_path):
    put(tmp_path, 3, "Hello.")
    write_lock(tmp_path)
    put(tmp_path, 3, "Good day.")

    with pytest.raises(PromptError) as raised:
        write_lock(tmp_path)
    assert str(raised.value) == (
        "The text of 'greet' changed. Raise its 'version' above 3, then run 'make prompts-lock'."
    )


def test_raised_version_is_recorded(tmp_path):
    put(tmp_path, 3, "Hello.")
    write_lock(tmp_path)
    put(tmp_path, 4, "Good day.")

    assert [prompt.version for prompt in write_lock(tmp_path)] == [4]
    assert locked_prompts(tmp_path) == current_prompts(tmp_path)


def test_folder_without_a_lock_has_nothing_recorded(tmp_path):
    put(tmp_path, 1, "Hello.")

    assert locked_prompts(tmp_path) == ()
    assert not (tmp_path / LOCK).exists()
