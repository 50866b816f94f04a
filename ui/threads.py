"""The list of conversations: found, opened, renamed, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from knowledge.languages import say
from ui.markup import button, inert

if TYPE_CHECKING:
    from agent.conversations import ThreadSummary

Language = Literal["zh", "en"]


def threads_html(
    threads: Sequence[ThreadSummary],
    chosen: str | None,
    sought: str,
    language: Language,
    today: date,
) -> str:
    """Show conversations by day, the one that is open marked."""
    if not threads:
        text = say("ui_none_found", language, text=sought) if sought else say("ui_none", language)
        return f'<p class="no-threads">{inert(text)}</p>'
    html = ""
    for age, group in groupby(threads, key=lambda thread: _age(thread, today)):
        rows = "".join(_row(thread, thread.id == chosen, language) for thread in group)
        html += f"<h2>{inert(say(f'ui_{age}', language))}</h2><ul>{rows}</ul>"
    return f'<nav title="{inert(say("ui_recent", language))}">{html}</nav>'


def shown_title(title: str, language: Language) -> str:
    """Give the title of a conversation on one line; one without a name is called so."""
    return " ".join(title.split()) or say("ui_untitled", language)


def _row(thread: ThreadSummary, is_chosen: bool, language: Language) -> str:
    title = shown_title(thread.title, language)
    state = "thread on" if is_chosen else "thread"
    opener = button("open", title, "opener", title, thread=thread.id)
    about = say("ui_thread_menu", language, title=title)
    more = button("thread-menu", "⋯", "more", about, thread=thread.id, name=title)
    return f'<li class="{state}">{opener}{more}</li>'


def _age(thread: ThreadSummary, today: date) -> str:
    day = thread.updated_at.astimezone().date() if thread.updated_at.tzinfo else None
    if day is None or day >= today:
        return "today"
    return "this_week" if day > today - timedelta(days=7) else "earlier"
