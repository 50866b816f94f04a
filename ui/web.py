"""The web page: conversations at the left, the chat, and what an answer rests on at the right.

Every value that Gradio shows as markup was encoded by :mod:`ui.markup`. Nothing that the browser
sends is trusted: who asks is read from the session's cookie on every event, and a conversation is
loaded through that session.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import gradio as gr
from anyio import to_thread

from agent.answer import Answer
from agent.assembly import said
from knowledge.languages import say
from tools.errors import FAILURES, tool_error
from ui.charts import figure_of
from ui.conversation import LiveAnswer, Message, answer_message, question_message
from ui.currency import DEFAULT, currency_of
from ui.languages import LANGUAGES, Language, language_of
from ui.local import COOKIE
from ui.markup import inert
from ui.panels import chart_hint, data_html, number_html, sources_html

if TYPE_CHECKING:
    from agent.analyst import Analyst, Session

_LANGUAGE_NAMES = {"zh": "中文", "en": "EN"}
_LONGEST_TITLE = 42

Result = TypeVar("Result")
Updates = dict[gr.components.Component | gr.blocks.BlockContext, object]


@dataclass(frozen=True)
class Conversation:
    """What an open page shows. It lives on the server, bound to that page."""

    thread: str | None = None
    messages: tuple[Message, ...] = ()
    answers: tuple[Answer, ...] = ()
    in_panel: int = -1

    @property
    def answer(self) -> Answer | None:
        """The answer that the panel shows."""
        return self.answers[self.in_panel] if self.answers else None


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
            self._add_sidebar()
            self._add_top_bar()
            with gr.Row(elem_id="main"):
                self._add_chat()
                self._add_panel()
            self._connect()
        self.blocks.queue(default_concurrency_limit=8, max_size=64, api_open=False)

    # What stands where

    def _add_sidebar(self) -> None:
        with gr.Sidebar(elem_id="side", width=236):
            self._new = gr.Button(elem_id="newchat")
            self._heading = gr.Markdown(elem_id="recent")
            self._threads = gr.Radio(
                choices=[], show_label=False, container=False, elem_id="threads"
            )
            self._account = gr.Markdown(elem_id="account")

    def _add_top_bar(self) -> None:
        with gr.Row(elem_id="topbar"):
            self._brand = gr.Markdown(elem_id="brand")
            self._language = gr.Radio(
                choices=[(_LANGUAGE_NAMES[code], code) for code in LANGUAGES],
                value=LANGUAGES[0],
                show_label=False,
                container=False,
                elem_id="lang",
            )

    def _add_chat(self) -> None:
        with gr.Column(elem_id="chatcol", scale=7):
            self._chat = gr.Chatbot(
                elem_id="chat",
                show_label=False,
                container=False,
                buttons=[],
                layout="bubble",
                latex_delimiters=[],
                sanitize_html=True,
                allow_tags=False,
                group_consecutive_messages=False,
                feedback_options=None,
                height="100%",
            )
            self._box = gr.Textbox(
                elem_id="box",
                show_label=False,
                container=False,
                lines=1,
                max_lines=6,
                autofocus=True,
                submit_btn=True,
            )

    def _add_panel(self) -> None:
        with gr.Column(elem_id="panel", scale=5), gr.Tabs():
            with gr.Tab(id="chart") as self._chart_tab:
                self._number = gr.Markdown(elem_id="number", latex_delimiters=[])
                self._plot = gr.Plot(
                    elem_id="plot", show_label=False, container=False, visible=False
                )
            with gr.Tab(id="data") as self._data_tab:
                self._data = gr.Markdown(elem_id="data", latex_delimiters=[])
            with gr.Tab(id="sources") as self._sources_tab:
                self._sources = gr.Markdown(elem_id="sources", latex_delimiters=[])

    def _connect(self) -> None:
        panel = [self._number, self._plot, self._data, self._sources]
        words = [
            self._new, self._heading, self._threads, self._account, self._brand, self._language,
            self._chat, self._box, self._chart_tab, self._data_tab, self._sources_tab, *panel,
        ]  # fmt: skip
        asked = [self._chat, self._box, self._threads, self._conversation, *panel]
        about = [self._conversation, self._language]
        private = {"api_visibility": "private", "show_progress": "hidden"}
        self.blocks.load(self._open, None, [*words, self._conversation], **private)
        self._language.input(self._switch_language, about, words, **private)
        self._new.click(self._start, self._language, asked, **private)
        self._threads.input(self._open_thread, [self._threads, self._language], asked, **private)
        self._chat.select(self._show, about, [self._conversation, *panel], **private)
        asking = [
            self._box.submit(self._ask, [self._box, *about], asked, **private),
            self._chat.example_select(self._ask_example, about, asked, **private),
            self._chat.option_select(self._ask_option, about, asked, **private),
        ]
        self._box.stop(self._end, about, asked, cancels=asking, **private)
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
        conversation = Conversation()
        return {
            **self._words(conversation, language, session),
            self._language: gr.update(label=say("ui_language", language), value=language),
            self._conversation: conversation,
        }

    def _switch_language(
        self, conversation: Conversation, language: Language, request: gr.Request
    ) -> Updates:
        return self._words(conversation, language, self._session(request))

    def _start(self, language: Language, request: gr.Request) -> Updates:
        self._session(request)
        conversation = Conversation()
        return {
            self._chat: gr.update(value=[]),
            self._box: _ready(language),
            self._threads: gr.update(value=None),
            **self._shown(conversation, language),
        }

    def _open_thread(self, thread: str, language: Language, request: gr.Request) -> Updates:
        session = self._session(request)
        with _told(language):
            turns = self._analyst.turns(session, thread)
        messages = [
            message
            for turn in turns
            for message in (question_message(turn.question), answer_message(turn.answer, language))
        ]
        answers = tuple(turn.answer for turn in turns)
        conversation = Conversation(thread, tuple(messages), answers)
        return {
            self._chat: messages,
            self._box: _ready(language),
            **self._shown(conversation, language),
        }

    async def _ask_example(
        self,
        conversation: Conversation,
        language: Language,
        request: gr.Request,
        chosen: gr.SelectData,
    ) -> AsyncIterator[Updates]:
        async for updates in self._ask(chosen.value["text"], conversation, language, request):
            yield updates

    async def _ask_option(
        self,
        conversation: Conversation,
        language: Language,
        request: gr.Request,
        chosen: gr.SelectData,
    ) -> AsyncIterator[Updates]:
        async for updates in self._ask(chosen.value, conversation, language, request):
            yield updates

    async def _ask(
        self, question: str, conversation: Conversation, language: Language, request: gr.Request
    ) -> AsyncIterator[Updates]:
        if not question.strip():
            yield {self._box: _ready(language)}
            return
        session = await in_thread(self._session, request)
        live = LiveAnswer(language)
        before = [*conversation.messages, question_message(question)]
        yield {
            self._chat: [*before, live.message()],
            self._box: gr.update(value="", submit_btn=False, stop_btn=True),
        }
        actor = self._analyst.actor_of(session)
        events = self._analyst.stream(question, conversation.thread, actor)
        while (event := await in_thread(next, events, None)) is not None:
            if isinstance(event, Answer):
                yield await in_thread(
                    self._answered, event, before, conversation, language, session
                )
            else:
                live.add(event)
                yield {self._chat: [*before, live.message()]}

    def _answered(
        self,
        answer: Answer,
        before: list[Message],
        conversation: Conversation,
        language: Language,
        session: Session,
    ) -> Updates:
        conversation = Conversation(
            answer.thread or conversation.thread,
            (*before, answer_message(answer, language)),
            (*conversation.answers, answer),
        )
        return {
            self._chat: list(conversation.messages),
            self._box: _ready(language),
            self._threads: self._thread_list(session, conversation.thread, language),
            **self._shown(conversation, language),
        }

    def _end(self, conversation: Conversation, language: Language) -> Updates:
        """Say that a question was stopped, or that the program made a mistake, and go on."""
        text = inert(say("ui_no_result", language))
        end: Message = {"role": "assistant", "content": f'<div class="turn failure">{text}</div>'}
        return {self._chat: [*conversation.messages, end], self._box: _ready(language)}

    def _show(
        self, conversation: Conversation, language: Language, chosen: gr.SelectData
    ) -> Updates:
        message = chosen.index[0] if isinstance(chosen.index, list | tuple) else chosen.index
        turn = int(message) // 2
        if not 0 <= turn < len(conversation.answers):
            return self._shown(conversation, language)
        return self._shown(replace(conversation, in_panel=turn), language)

    # How it looks

    def _words(self, conversation: Conversation, language: Language, session: Session) -> Updates:
        """Everything on the page that is written in the page's language."""
        updates = self._shown(conversation, language)
        del updates[self._conversation]
        return updates | {
            self._new: gr.update(value=say("ui_new_chat", language)),
            self._heading: inert(say("ui_recent", language)),
            self._threads: self._thread_list(session, conversation.thread, language),
            self._account: _account(session, language),
            self._brand: self._brand_line(language),
            self._language: gr.update(label=say("ui_language", language)),
            self._chat: self._welcome(language),
            self._box: gr.update(
                label=say("ui_question", language), placeholder=say("ui_placeholder", language)
            ),
            self._chart_tab: gr.update(label=say("ui_chart", language)),
            self._data_tab: gr.update(label=say("ui_data", language)),
            self._sources_tab: gr.update(label=say("ui_sources", language)),
        }

    def _shown(self, conversation: Conversation, language: Language) -> Updates:
        """Show one answer in the panel."""
        answer = conversation.answer
        figure, number, currency = None, "", DEFAULT
        if answer is not None and answer.chart is not None and answer.table is not None:
            currency = currency_of(self._analyst)
            figure = figure_of(answer.chart, answer.table, answer.language, currency)
            number = number_html(answer, currency)
        if figure is None and not number:
            number = chart_hint(answer, language)
        return {
            self._conversation: conversation,
            self._number: gr.update(value=number, visible=bool(number)),
            self._plot: gr.update(value=figure, visible=figure is not None),
            self._data: data_html(answer, language, currency),
            self._sources: sources_html(answer, language),
        }

    def _thread_list(self, session: Session, chosen: str | None, language: Language) -> object:
        with _told(language):
            threads = self._analyst.threads(session)
        choices = [(_title(thread.title), thread.id) for thread in threads]
        is_listed = any(thread.id == chosen for thread in threads)
        return gr.update(
            label=say("ui_recent", language),
            choices=choices,
            value=chosen if is_listed else None,
        )

    def _welcome(self, language: Language) -> object:
        """Greet and offer questions, or say why none can be answered."""
        title, hint = say("ui_greeting", language), say("ui_greeting_hint", language)
        questions: tuple[str, ...] = ()
        try:
            questions = self._analyst.suggestions(language)
        except FAILURES as error:
            title, hint = say("ui_cannot_answer", language), said(tool_error(error), language)
        return gr.update(
            placeholder=f'<div class="greeting"><h3>{inert(title)}</h3><p>{inert(hint)}</p></div>',
            examples=[{"text": question} for question in questions],
        )

    def _brand_line(self, language: Language) -> str:
        parts = [self._analyst.workspace_name(language)]
        pill = ""
        try:
            health = self._analyst.health()
        except FAILURES:
            health = {}  # the greeting says what is wrong
        if health:
            parts.append(f"{say('ui_as_of', language)} {health['as_of']}")
            planner = inert(say(f"ui_engine_{health['planner']}", language))
            pill = f'<span class="pill"><i></i>{planner}</span>'
        return (
            '<div class="bar"><div class="logo"></div><div><div class="b1">六分仪 Sextant</div>'
            f'<div class="b2">{inert(" · ".join(parts))}</div></div>{pill}</div>'
        )

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


def _ready(language: Language) -> object:
    return gr.update(
        value="", submit_btn=True, stop_btn=False, placeholder=say("ui_placeholder", language)
    )


@contextmanager
def _told(language: Language) -> Iterator[None]:
    """Tell in one message what went wrong with a store."""
    try:
        yield
    except FAILURES as error:
        raise gr.Error(said(tool_error(error), language)) from error


def _account(session: Session, language: Language) -> str:
    return (
        f'<div class="who"><span>{inert(session.name or session.user_id)}</span>'
        '<form method="post" action="/logout"><button type="submit">'
        f"{inert(say('ui_sign_out', language))}</button></form></div>"
    )


def _title(title: str) -> str:
    text = " ".join(title.split())
    return f"{text[:_LONGEST_TITLE]}…" if len(text) > _LONGEST_TITLE else text or "…"
