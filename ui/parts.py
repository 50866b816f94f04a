"""The parts of the page: what components each has, and what it shows.

A part adds its components where it is made, and gives updates of them: ``words`` for all that is
written in the page's language. Every value that Gradio shows as markup was encoded by
:mod:`ui.markup`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING

import gradio as gr

from agent.answer import Answer
from agent.assembly import said
from knowledge.languages import say
from tools.errors import FAILURES, tool_error
from ui.charts import figure_of, fitting
from ui.conversation import Conversation, Message, turn_messages
from ui.currency import DEFAULT, currency_of
from ui.languages import LANGUAGES, Language
from ui.markup import inert
from ui.panels import chart_hint, chart_tools_html, data_html, number_html, sources_html
from ui.threads import threads_html

if TYPE_CHECKING:
    from agent.analyst import Analyst, Session
    from agent.chips import Chip
    from agent.conversations import ThreadSummary

Updates = dict[gr.components.Component | gr.blocks.BlockContext, object]

_LANGUAGE_NAMES = {"zh": "中文", "en": "EN"}


class Sidebar:
    """Conversations to find and open, what can be asked, and who is signed in."""

    def __init__(self) -> None:
        with gr.Sidebar(elem_id="side", width=248):
            self.new = gr.Button(elem_id="newchat")
            self.search = gr.Textbox(
                elem_id="search", show_label=False, container=False, max_lines=1
            )
            self.threads = gr.Markdown(elem_id="threads", latex_delimiters=[])
            self._catalogue = gr.Markdown(elem_id="asks")
            self._account = gr.Markdown(elem_id="account")
        self.all = [self.new, self._catalogue, self._account]

    def listed(
        self,
        threads: Sequence[ThreadSummary],
        chosen: str | None,
        sought: str,
        language: Language,
    ) -> Updates:
        """List conversations, the open one marked."""
        return {self.threads: threads_html(threads, chosen, sought, language, date.today())}

    def words(self, session: Session, language: Language) -> Updates:
        """Write everything but the list."""
        name, leave = inert(session.name or session.user_id), inert(say("ui_sign_out", language))
        return {
            self.new: gr.update(value=say("ui_new_chat", language)),
            self.search: gr.update(
                label=say("ui_search", language), placeholder=say("ui_search", language)
            ),
            self._catalogue: '<button type="button" class="asks" name="catalogue">'
            f"{inert(say('ui_catalogue', language))}</button>",
            self._account: f'<div class="who"><span>{name}</span><form method="post" '
            f'action="/logout"><button type="submit">{leave}</button></form></div>',
        }


class TopBar:
    """The brand, its data, the engine in use, and the language."""

    def __init__(self) -> None:
        with gr.Row(elem_id="topbar"):
            self._brand = gr.Markdown(elem_id="brand")
            self.language = gr.Radio(
                choices=[(_LANGUAGE_NAMES[code], code) for code in LANGUAGES],
                value=LANGUAGES[0],
                show_label=False,
                container=False,
                elem_id="lang",
            )
        self.all = [self._brand, self.language]

    def words(self, analyst: Analyst, language: Language) -> Updates:
        """Write the bar."""
        parts, pill = [analyst.workspace_name(language)], ""
        with suppress(*FAILURES):  # the greeting says what is wrong
            health = analyst.health()
            parts.append(f"{say('ui_as_of', language)} {health['as_of']}")
            planner = inert(say(f"ui_engine_{health['planner']}", language))
            pill = f'<span class="pill {health["planner"]}"><i></i>{planner}</span>'
        return {
            self.language: gr.update(label=say("ui_language", language), value=language),
            self._brand: '<div class="bar"><div class="logo"></div><div><div class="b1">'
            f'六分仪 Sextant</div><div class="b2">{inert(" · ".join(parts))}</div></div>{pill}'
            "</div>",
        }


class Chat:
    """The conversation and the box to ask in."""

    def __init__(self) -> None:
        with gr.Column(elem_id="chatcol", scale=7):
            self.messages = gr.Chatbot(
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
            self.box = gr.Textbox(
                elem_id="box",
                show_label=False,
                container=False,
                lines=1,
                max_lines=6,
                autofocus=True,
                submit_btn=True,
            )

    def shown(
        self, analyst: Analyst, conversation: Conversation, language: Language
    ) -> list[Message]:
        """Write the messages of a conversation."""
        messages: list[Message] = []
        for turn in conversation.turns:
            chips: tuple[Chip, ...] = ()
            if turn.answer is not None:
                with suppress(*FAILURES):  # without stores there are no names to choose from
                    chips = analyst.chips(turn.answer)
            messages += turn_messages(turn, language, chips)
        return messages

    def words(self, analyst: Analyst, messages: list[Message], language: Language) -> Updates:
        """Greet and offer questions, or say why none can be answered."""
        title, hint = say("ui_greeting", language), say("ui_greeting_hint", language)
        questions: tuple[str, ...] = ()
        try:
            questions = analyst.suggestions(language)
        except FAILURES as error:
            title, hint = say("ui_cannot_answer", language), said(tool_error(error), language)
        greeting = f'<div class="greeting"><h3>{inert(title)}</h3><p>{inert(hint)}</p></div>'
        examples = [{"text": question} for question in questions]
        return {
            self.messages: gr.update(value=messages, placeholder=greeting, examples=examples),
            self.box: gr.update(
                label=say("ui_question", language), placeholder=say("ui_placeholder", language)
            ),
        }

    def ready(self, language: Language) -> Updates:
        """Take the next question."""
        placeholder = say("ui_placeholder", language)
        return {
            self.box: gr.update(value="", submit_btn=True, stop_btn=False, placeholder=placeholder)
        }

    def busy(self) -> Updates:
        """Offer to stop, as long as a question runs."""
        return {self.box: gr.update(value="", submit_btn=False, stop_btn=True)}


class EvidencePanel:
    """What an answer rests on: chart, table, sources."""

    def __init__(self) -> None:
        with gr.Column(elem_id="panel", scale=5):
            self._head = gr.Markdown(elem_id="panelhead")
            with gr.Tabs():
                with gr.Tab(id="chart", elem_id="tab-chart") as self._chart_tab:
                    self._tools = gr.Markdown(elem_id="charttools")
                    self._number = gr.Markdown(elem_id="number", latex_delimiters=[])
                    self._plot = gr.Plot(
                        elem_id="plot", show_label=False, container=False, visible=False
                    )
                with gr.Tab(id="data", elem_id="tab-data") as self._data_tab:
                    self._data = gr.Markdown(elem_id="data", latex_delimiters=[])
                with gr.Tab(id="sources", elem_id="tab-sources") as self._sources_tab:
                    self._sources = gr.Markdown(elem_id="sources", latex_delimiters=[])
        self.outputs = [self._tools, self._number, self._plot, self._data, self._sources]
        self.labels = [self._head, self._chart_tab, self._data_tab, self._sources_tab]

    def words(self, language: Language) -> Updates:
        """Write the tabs."""
        close = inert(say("ui_close", language))
        return {
            self._head: f'<button type="button" class="close" name="close-panel">✕ {close}'
            "</button>",
            self._chart_tab: gr.update(label=say("ui_chart", language)),
            self._data_tab: gr.update(label=say("ui_data", language)),
            self._sources_tab: gr.update(label=say("ui_sources", language)),
        }

    def shown(self, analyst: Analyst, conversation: Conversation, language: Language) -> Updates:
        """Show one answer."""
        answer = conversation.answer
        currency = DEFAULT if answer is None else currency_of(analyst)
        return {
            **self._drawn(answer, conversation, language, currency),
            self._data: data_html(answer, language, currency),
            self._sources: sources_html(answer, language),
        }

    def _drawn(
        self,
        answer: Answer | None,
        conversation: Conversation,
        language: Language,
        currency: str,
    ) -> Updates:
        figure, number, tools = None, "", ""
        if answer is not None and answer.chart is not None and answer.table is not None:
            forms = fitting(answer.chart, answer.table)
            form = conversation.form if conversation.form in forms else answer.chart.type
            chart = answer.chart.model_copy(update={"type": form})
            figure = figure_of(chart, answer.table, answer.language, currency)
            number = number_html(answer, currency)
            tools = chart_tools_html(answer, forms, form, language) if figure else ""
        if figure is None and not number:
            number = chart_hint(answer, language)
        return {
            self._tools: gr.update(value=tools, visible=bool(tools)),
            self._number: gr.update(value=number, visible=bool(number)),
            self._plot: gr.update(value=figure, visible=figure is not None),
        }
