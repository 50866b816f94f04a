import pytest

from agent.settings import SettingsError, read_settings


def test_without_variables_no_chat_model_is_used() -> None:
    settings = read_settings({})

    assert not settings.has_chat_model
    assert str(settings.workspace) == "workspaces/demo"


def test_a_local_server_needs_no_key() -> None:
    settings = read_settings({"OPENAI_BASE_URL": "http://127.0.0.1:1", "SEXTANT_MODEL": "m"})

    assert settings.has_chat_model


def test_rows_are_seen_only_where_that_is_set() -> None:
    assert not read_settings({}).model_sees_rows
    assert read_settings({"SEXTANT_MODEL_SEES_ROWS": "yes"}).model_sees_rows


def test_a_key_never_shows_in_the_repr() -> None:
    settings = read_settings({"OPENAI_API_KEY": "sk-secret", "SEXTANT_MODEL": "m"})

    assert "sk-secret" not in repr(settings)


@pytest.mark.parametrize(
    ("environment", "expected_error"),
    [
        (
            {"SEXTANT_WORKSPCE": "x"},
            "Unknown setting 'SEXTANT_WORKSPCE'. Did you mean 'SEXTANT_WORKSPACE'?",
        ),
        (
            {"SEXTANT_MODEL_SECONDS": "soon"},
            "SEXTANT_MODEL_SECONDS must be a number from 1 to 600. Got 'soon'.",
        ),
        (
            {"SEXTANT_MODEL_SECONDS": "nan"},
            "SEXTANT_MODEL_SECONDS must be a number from 1 to 600. Got 'nan'.",
        ),
        (
            {"SEXTANT_MODEL_SEES_ROWS": "maybe"},
            "SEXTANT_MODEL_SEES_ROWS must be 'yes' or 'no'. Got 'maybe'.",
        ),
        ({"SEXTANT_LANGUAGE": "fr"}, "SEXTANT_LANGUAGE must be 'zh' or 'en'. Got 'fr'."),
    ],
)
def test_a_wrong_setting_is_named(environment: dict[str, str], expected_error: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(environment)

    assert str(caught.value) == expected_error
