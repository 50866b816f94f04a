"""The web page: conversations at the left, the chat, and what an answer rests on at the right.

Nothing that the browser sends is trusted: who asks is read from the session's cookie on every
event, and a conversation is loaded through that session. What the page's own scripts ask for
arrives through two hidden boxes as JSON: one asks and edits, the other only changes what is seen.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar

import gradio as gr
from anyio import to_thread
from pydantic import BaseModel, ConfigDict, ValidationError

from agent.answer import Answer
from agent.assembly import said
from agent.editing import Edit, EditRefused
from knowledge.languages import say
from tools.errors import FAILURES, tool_error
from ui.charts import ChartType
from ui.conversation import Conversation, LiveAnswer, Message, ShownTurn, question_message
from ui.languages import Language, language_of
from ui.local import COOKIE
from ui.parts import Chat, EvidencePanel, Sidebar, TopBar, Updates

if TYPE_CHECKING:
    from agent.analyst import Analyst, Event, Session

Result = TypeVar("Result")


class Asked(BaseModel):
    """What the page's scripts ask: a question, or an edit of a turn. ``nonce`` tells two apart."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str = ""
    turn: str = ""
    edit: Edit | None = None
    nonce: int = 0


class Viewed(BaseModel):
    """What the page's scripts want to see."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    do: Literal["open", "chart", "refresh"]
    thread: str | None = None
    form: ChartType | None = None
    search: str = ""
    nonce: int = 0


class Page:
    """The page and what happens on it.

    Parameters
    ----------
    analyst : Analyst
        Who answers, and who knows the people and their conversations.
    """

    def __init__(self, analyst: Analyst) -> None:
        self._analyst = analyst
        with gr.Blocks(
            title="六分仪 Sextant", analytics_enabled=False, delete_cache=(3600, 3600)
        ) as self.blocks:
            self._conversation = gr.State(Conversation())
            self._sidebar, self._top = Sidebar(), TopBar()
            with gr.Row(elem_id="main"):
                self._chat, self._panel = Chat(), EvidencePanel()
            self._asking = gr.Textbox(elem_id="asking", visible="hidden")
            self._viewing = gr.Textbox(elem_id="viewing", visible="hidden")
            self._connect()
        self.blocks.queue(default_concurrency_limit=8, max_size=64, api_open=False)

    def _connect(self) -> None:
        side, chat, panel = self._sidebar, self._chat, self._panel
        language, about = self._top.language, [self._conversation, self._top.language]
        asked = [
            chat.messages, chat.box, side.search, side.threads, self._conversation, *panel.outputs,
        ]  # fmt: skip
        words = [*side.all, *self._top.all, *panel.labels, *asked]
        private = {"api_visibility": "private", "show_progress": "hidden"}
        last = private | {"trigger_mode": "always_last"}
        self.blocks.load(self._open, None, words, **private)
        language.input(self._switch_language, about, words, **private)
        side.search.change(self._search, [side.search, *about], side.threads, **last)
        chat.messages.select(self._show, about, [self._conversation, *panel.outputs], **private)
        many = private | {"trigger_mode": "multiple"}
        asking = [
            chat.box.submit(self._ask, [chat.box, *about], asked, **private),
            chat.messages.example_select(self._ask_example, about, asked, **private),
            self._asking.change(self._ask_bridge, [self._asking, *about], asked, **many),
        ]
        chat.box.stop(self._end, about, asked, cancels=asking, **private)
        side.new.click(self._start, language, asked, cancels=asking, **private)
        self._viewing.change(self._view, [self._viewing, *about], asked, **many)
        for event in asking:
            event.failure(self._end, about, asked, **private)

    # What happens

    def _open(self, request: gr.Request) -> Updates:
        session = self._session(request)
        language = language_of(
            request.query_params,
            request.cookies,
            request.headers.get("accept-language", ""),
            session.language,
        )
        return self._words(Conversation(), language, session)

    def _switch_language(
        self, conversation: Conversation, language: Language, request: gr.Request
    ) -> Updates:
        return self._words(conversation, language, self._session(request))

    def _start(self, language: Language, request: gr.Request) -> Updates:
        return self._opened(Conversation(), language, self._session(request))

    def _search(
        self,
        sought: str,
        conversation: Conversation,
        language: Language,
        request: gr.Request,
    ) -> Updates:
        return self._threads(self._session(request), conversation.thread, language, sought)

    def _view(
        self,
        wanted: str,
        conversation: Conversation,
        language: Language,
        request: gr.Request,
    ) -> Updates:
        session = self._session(request)
        try:
            view = Viewed.model_validate_json(wanted)
        except ValidationError:
            return {}
        if view.do == "chart":
            return self._shown(replace(conversation, form=view.form), language)
        is_open = view.thread is not None and view.thread == conversation.thread
        if view.do == "refresh" and not is_open:
            return self._threads(session, conversation.thread, language, view.search)
        if view.do == "refresh" or view.thread is None:  # what was open is gone
            return self._opened(Conversation(), language, session, view.search)
        with _told(language):
            turns = self._analyst.turns(session, view.thread)
        shown = tuple(ShownTurn(turn.question, turn.answer, turn.is_edit) for turn in turns)
        return self._opened(Conversation(view.thread, shown), language, session, view.search)

    async def _ask_example(
        self,
        conversation: Conversation,
        language: Language,
        request: gr.Request,
        chosen: gr.SelectData,
    ) -> AsyncIterator[Updates]:
        async for updates in self._ask(chosen.value["text"], conversation, language, request):
            yield updates

    async def _ask_bridge(
        self,
        wanted: str,
        conversation: Conversation,
        language: Language,
        request: gr.Request,
    ) -> AsyncIterator[Updates]:
        try:
            asked = Asked.model_validate_json(wanted)
        except ValidationError:
            return
        if asked.edit is None:
            flow = self._ask(asked.question, conversation, language, request)
        else:
            flow = self._edit(asked.turn, asked.edit, conversation, language, request)
        async for updates in flow:
            yield updates

    async def _ask(
        self, question: str, conversation: Conversation, language: Language, request: gr.Request
    ) -> AsyncIterator[Updates]:
        if not question.strip():
            yield self._chat.ready(language)
            return
        session = await in_thread(self._session, request)
        actor = self._analyst.actor_of(session)
        events = self._analyst.stream(question, conversation.thread, actor)
        turn = ShownTurn(question, None)
        async for updates in self._answered(turn, events, conversation, language, session):
            yield updates

    async def _edit(
        self,
        turn_id: str,
        edit: Edit,
        conversation: Conversation,
        language: Language,
        request: gr.Request,
    ) -> AsyncIterator[Updates]:
        session = await in_thread(self._session, request)
        with _told(language):
            edited = await in_thread(
                self._analyst.edit, session, conversation.thread or "", turn_id, edit
            )
        turn = ShownTurn(edited.question, None, is_edit=True)
        async for updates in self._answered(turn, edited.events, conversation, language, session):
            yield updates

    async def _answered(
        self,
        turn: ShownTurn,
        events: Iterator[Event],
        conversation: Conversation,
        language: Language,
        session: Session,
    ) -> AsyncIterator[Updates]:
        """Show steps and checked sentences as they come, then the whole answer."""
        live = LiveAnswer(language)
        before = await in_thread(self._messages, conversation, language)
        before.append(question_message(turn.question, turn.is_edit))
        yield {
            self._chat.messages: [*before, live.message()],
            self._conversation: replace(conversation, turns=(*conversation.turns, turn)),
            **self._chat.busy(),
        }
        while (event := await in_thread(next, events, None)) is not None:
            if isinstance(event, Answer):
                turns = (*conversation.turns, replace(turn, answer=event))
                done = Conversation(event.thread or conversation.thread, turns)
                finished = await in_thread(self._opened, done, language, session)
                yield {**finished, self._sidebar.search: gr.update(value="")}
            else:
                live.add(event)
                yield {self._chat.messages: [*before, live.message()]}

    def _end(self, conversation: Conversation, language: Language) -> Updates:
        """Say that a question was stopped, or that the program made a mistake, and go on."""
        messages = self._messages(conversation, language)
        return {self._chat.messages: messages, **self._chat.ready(language)}

    def _show(
        self, conversation: Conversation, language: Language, chosen: gr.SelectData
    ) -> Updates:
        message = chosen.index[0] if isinstance(chosen.index, list | tuple) else chosen.index
        turn = int(message) // 2
        if not 0 <= turn < len(conversation.turns) or turn == conversation.in_panel:
            return {self._conversation: conversation}
        return self._shown(replace(conversation, in_panel=turn, form=None), language)

    # How it looks

    def _words(self, conversation: Conversation, language: Language, session: Session) -> Updates:
        """Everything on the page, in its language."""
        messages = self._messages(conversation, language)
        return {
            **self._sidebar.words(session, language),
            **self._threads(session, conversation.thread, language),
            **self._top.words(self._analyst, language),
            **self._panel.words(language),
            **self._shown(conversation, language),
            **self._chat.words(self._analyst, messages, language),
        }

    def _opened(
        self, conversation: Conversation, language: Language, session: Session, sought: str = ""
    ) -> Updates:
        return {
            self._chat.messages: gr.update(value=self._messages(conversation, language)),
            **self._chat.ready(language),
            **self._threads(session, conversation.thread, language, sought),
            **self._shown(conversation, language),
        }

    def _shown(self, conversation: Conversation, language: Language) -> Updates:
        return {
            self._conversation: conversation,
            **self._panel.shown(self._analyst, conversation, language),
        }

    def _messages(self, conversation: Conversation, language: Language) -> list[Message]:
        return self._chat.shown(self._analyst, conversation, language)

    def _threads(
        self, session: Session, chosen: str | None, language: Language, sought: str = ""
    ) -> Updates:
        with _told(language):
            threads = self._analyst.threads(session, sought)
        return self._sidebar.listed(threads, chosen, sought, language)

    def _session(self, request: gr.Request) -> Session:
        """Who asks, by the cookie; the gate let nobody through without one."""
        language = language_of({}, request.cookies)
        with _told(language):
            session = self._analyst.session(request.cookies.get(COOKIE, ""))
        if session is None:
            raise gr.Error(say("ui_signed_out", language))
        return session


async def in_thread(work: Callable[..., Result], *arguments: object) -> Result:
    """Run blocking work aside; when the question is stopped, nobody waits for its end."""
    return await to_thread.run_sync(partial(work, *arguments), abandon_on_cancel=True)


@contextmanager
def _told(language: Language) -> Iterator[None]:
    """Tell in one message what did not fit, or what went wrong with a store."""
    try:
        yield
    except EditRefused as error:
        raise gr.Error(say("ui_edit_refused", language)) from error
    except FAILURES as error:
        raise gr.Error(said(tool_error(error), language)) from error
