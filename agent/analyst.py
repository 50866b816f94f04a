"""Analyst: how a front end asks, signs in and reads history."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NamedTuple

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langgraph.graph.state import CompiledStateGraph

from agent.answer import Answer, Record
from agent.assembly import assemble, checked, failed, said, used_by
from agent.catalogue import Catalogue, catalogue_of
from agent.chips import Chips
from agent.conversations import EDIT, Conversations
from agent.editing import Edit
from agent.embedded import Plan, PlannedCall, PreviousTurn, prepare
from agent.embedded.chat_model import PlannerChatModel
from agent.errors import ChatModelFailed
from agent.graph import build_chat_graph, build_graph, sentences
from agent.instructions import system_prompt, told_question
from agent.questions import starting_questions
from agent.settings import Settings, keep_traces_at_home, read_settings
from agent.turn import TurnContext
from knowledge.languages import detect, say
from tools import TOOLS, Actor, Role
from tools.data import describe
from tools.errors import FAILURES, tool_error
from tools.evidence import ToolResult
from tools.workspace import Toolbox, Workspace, open_workspace, require_administrator

LOCAL = Actor(id="local", roles=("analyst",))
"""Who asks on the command line without signing in: reads as an analyst, decides nothing."""

Language = Literal["zh", "en"]
LOOKED_BACK = 5
"""Turns without anything to edit (a greeting, a refusal) that a follow-up looks past."""


class StepStarted(Record):
    """A tool call began."""

    tool: str
    arguments: dict[str, object]


class StepFinished(Record):
    """A tool call ended."""

    tool: str
    milliseconds: float


class TextReleased(Record):
    """A piece of checked text."""

    text: str


Event = StepStarted | StepFinished | TextReleased | Answer


class Edited(NamedTuple):
    """An edit on its way: what it says in place of a question, and its events."""

    question: str
    events: Iterator[Event]


class Session(Record):
    """A signed-in person."""

    token: str
    user_id: str
    name: str
    roles: tuple[Role, ...]
    language: str
    expires_at: datetime


class User(Record):
    """Someone who may sign in."""

    id: str
    name: str
    roles: tuple[Role, ...] = ("marketer",)
    disabled: bool = False


class Analyst(Conversations):
    """Answer questions about one workspace.

    It never raises for what a person typed: the Answer says what went wrong.
    """

    def __init__(
        self, workspace: Workspace, settings: Settings, chat_model: BaseChatModel | None = None
    ) -> None:
        super().__init__(workspace)
        self._settings = settings
        self._embedded = build_graph(PlannerChatModel(), TOOLS)
        self._chat: CompiledStateGraph[Any, TurnContext, Any, Any] | None = None
        if chat_model is not None:
            self._chat = build_chat_graph(chat_model, TOOLS)
        self._close_chat: Callable[[], None] = lambda: None

    def __enter__(self) -> Analyst:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the workspace's stores, and the connection to a chat model."""
        self._close_chat()
        self._workspace.close()

    def prepare(self) -> None:
        """Open the stores and index the brand's words, so that the first question waits less."""
        prepare(self._workspace.vocabulary)
        if self._settings.has_chat_model:
            self._chat_graph()

    # Asking

    def ask(self, text: str, thread: str | None = None, actor: Actor | None = None) -> Answer:
        """Answer a question: the last event of ``stream``."""
        answer: Answer | None = None
        for event in self.stream(text, thread, actor):
            if isinstance(event, Answer):
                answer = event
        if answer is None:
            raise RuntimeError("A turn ended without an answer.")
        return answer

    def stream(
        self, text: str, thread: str | None = None, actor: Actor | None = None
    ) -> Iterator[Event]:
        """Answer a question step by step; the last event is the Answer."""
        started = time.perf_counter()
        actor = actor or LOCAL
        language = self._language(text)
        opened = thread or ""
        try:
            previous = None
            if thread is None:
                opened = self._workspace.ledger.new_thread_id()
            else:
                self._workspace.ledger.open_thread(actor.id, thread)
                previous = self._previous(thread, actor)
            answer = yield from self._turn(text, opened, actor, language, previous)
        except FAILURES as error:
            answer = failed((tool_error(error),), opened, language)
        answer = answer.model_copy(update={"ms": (time.perf_counter() - started) * 1000})
        yield self._kept(text, actor, answer)

    def edit(self, session: Session, thread: str, turn_id: str, edit: Edit) -> Edited:
        """Answer a turn again with one part changed, as a new turn; no planner takes part.

        Raises
        ------
        UnknownName
            When the person has no such conversation or turn.
        EditRefused
            When the edit does not fit the turn.
        """
        before = self.turn(session, thread, turn_id).answer
        changed, text = Chips(self._words_of(before), self._clock()).edited(before.steps, edit)
        call = PlannedCall(tool=changed.tool, arguments=changed.arguments)
        plan = Plan(kind="calls", language=before.language, calls=(call,))
        return Edited(text, self._edited(text, thread, self.actor_of(session), plan))

    def _edited(self, text: str, thread: str, actor: Actor, plan: Plan) -> Iterator[Event]:
        started = time.perf_counter()
        context = TurnContext(
            toolbox=Toolbox(self._workspace, actor, plan.language),
            clock=self._clock(),
            question=text,
            plan=plan,
        )
        try:
            messages = yield from _run(self._embedded, context, [HumanMessage(text)])
            answer = assemble(messages, context, thread)
        except FAILURES as error:
            answer = failed((tool_error(error),), thread, plan.language)
        answer = answer.model_copy(update={"ms": (time.perf_counter() - started) * 1000})
        yield self._kept(text, actor, answer, planner=EDIT)

    def _turn(
        self,
        text: str,
        thread: str,
        actor: Actor,
        language: Language,
        previous: PreviousTurn | None,
    ) -> Generator[Event, None, Answer]:
        toolbox = Toolbox(self._workspace, actor, language)
        context = TurnContext(
            toolbox=toolbox,
            clock=self._clock(),
            question=text,
            previous=previous,
        )
        if not self._settings.has_chat_model:
            messages = yield from _run(self._embedded, context, [HumanMessage(text)])
            return assemble(messages, context, thread)
        answer = yield from self._with_chat_model(context, thread)
        return answer

    def _with_chat_model(self, context: TurnContext, thread: str) -> Generator[Event, None, Answer]:
        """Run the turn with the chat model; when it fails, anew with the embedded planner.

        Nothing of a failed run is kept but what it cost. The time of a turn holds both.
        """
        settings = self._settings
        context.deadline = time.monotonic() + 0.9 * settings.model_seconds
        context.sees_rows, context.model_name = settings.model_sees_rows, settings.model or ""
        told = [system_prompt(context), HumanMessage(told_question(context.question))]
        try:
            messages = yield from _run(self._chat_graph(), context, told)
            return checked(messages, context, thread)
        except ChatModelFailed as failure:
            fault = failure.fault
        anew = context.anew()
        messages = yield from _run(self._embedded, anew, [HumanMessage(context.question)])
        answer = assemble(messages, anew, thread)
        language = context.toolbox.language
        caveat = say("chat_model_failed", language, reason=say(f"fault_{fault}", language))
        return answer.model_copy(
            update={"caveats": (*answer.caveats, caveat), "usage": used_by(context)}
        )

    def _chat_graph(self) -> CompiledStateGraph[Any, TurnContext, Any, Any]:
        from agent.chat_model import open_chat_model  # slow, only with a key

        if self._chat is None:
            model = open_chat_model(self._settings)
            self._chat, self._close_chat = build_chat_graph(model, TOOLS), model.close
        return self._chat

    def _language(self, text: str) -> Language:
        return self._settings.language or detect(text).language

    def _previous(self, thread: str, actor: Actor) -> PreviousTurn | None:
        """Give what a follow-up edits: the latest of the last turns that has something to edit."""
        plans = self._workspace.ledger.plans(actor.id, thread, LOOKED_BACK)
        return PreviousTurn.model_validate(plans[0]) if plans else None

    def _kept(self, text: str, actor: Actor, answer: Answer, planner: str = "") -> Answer:
        """Write the turn to the ledger; an answer that could not be kept says so."""
        try:
            turn_id = self._workspace.ledger.record_turn(
                thread_id=answer.thread,
                user_id=actor.id,
                title=_title(text),
                question=text,
                language=answer.language,
                plan=_plan_to_keep(text, answer),
                answer=answer.model_dump(mode="json"),
                planner=planner or answer.planner,
                milliseconds=answer.ms,
            )
        except FAILURES as error:
            caveat = say(
                "turn_not_kept", answer.language, detail=said(tool_error(error), answer.language)
            )
            return answer.model_copy(update={"caveats": (*answer.caveats, caveat)})
        return answer.model_copy(update={"turn_id": turn_id})

    # People

    def sign_in(self, user: str, password: str) -> Session | None:
        """Sign a person in; None when the name or the password is wrong."""
        token = self._workspace.ledger.sign_in(user, password)
        return None if token is None else self.session(token)

    def session(self, token: str) -> Session | None:
        """Read a session; None when it is unknown, over, or its user disabled."""
        found = self._workspace.ledger.session(token)
        if found is None:
            return None
        return Session(token=token, **found.model_dump(include=set(Session.model_fields)))

    def sign_out(self, token: str) -> None:
        """End a session."""
        self._workspace.ledger.sign_out(token)

    def users(self) -> tuple[User, ...]:
        """List everyone who may sign in, and those who no longer may."""
        fields = set(User.model_fields)
        return tuple(
            User.model_validate(user.model_dump(include=fields))
            for user in self._workspace.ledger.users()
        )

    def add_user(
        self,
        session: Session | None,
        user_id: str,
        name: str,
        password: str,
        roles: tuple[Role, ...],
    ) -> None:
        """Add a person. Only an administrator may, or anyone while there is none."""
        by = self._administrator(session)
        self._workspace.ledger.add_user(user_id, name, roles, password, by=by)

    def set_password(self, session: Session | None, user_id: str, password: str) -> None:
        """Set a password: one's own, or as an administrator; it ends the person's sessions."""
        is_own = session is not None and session.user_id == user_id
        by = user_id if is_own else self._administrator(session)
        self._workspace.ledger.set_password(user_id, password, by=by)

    def disable_user(self, session: Session | None, user_id: str) -> None:
        """Take a person's right to sign in, as an administrator; it ends their sessions."""
        self._workspace.ledger.disable_user(user_id, by=self._administrator(session))

    def _administrator(self, session: Session | None) -> str:
        return require_administrator(self._workspace, session.user_id if session else None)

    def actor_of(self, session: Session) -> Actor:
        """Make the actor of a signed-in person, with the rights of today."""
        return Actor(id=session.user_id, roles=session.roles)

    # What there is

    def suggestions(self, language: Language) -> tuple[str, ...]:
        """Offer questions that this workspace can answer, for a newcomer."""
        return starting_questions(self._workspace.vocabulary, language)

    def overview(self, language: Language, actor: Actor | None = None) -> ToolResult:
        """Describe what can be asked."""
        return describe("overview", (), Toolbox(self._workspace, actor or LOCAL, language))

    def catalogue(self, language: Language) -> Catalogue:
        """List what can be asked, for people to look through."""
        return catalogue_of(Toolbox(self._workspace, LOCAL, language), self._clock())

    def workspace_name(self, language: Language) -> str:
        """Name of the brand."""
        name = self._workspace.file.name
        return name.zh if language == "zh" else name.en

    def health(self) -> dict[str, str]:
        """Tell which build is served and by which planner."""
        engine = self._workspace.engine
        return {
            "build_id": engine.build_id,
            "as_of": str(engine.as_of),
            "currency": self._workspace.file.currency,
            "planner": "chat" if self._settings.has_chat_model else "embedded",
        }


def open_analyst(
    workspace: str | Path = "demo",
    settings: Settings | None = None,
    chat_model: BaseChatModel | None = None,
) -> Analyst:
    """Open the analyst of a workspace; see `agent.open_analyst`."""
    keep_traces_at_home()
    folder = Path(workspace)
    if isinstance(workspace, str) and folder.name == workspace and not folder.exists():
        folder = Path("workspaces") / workspace
    return Analyst(open_workspace(folder), settings or read_settings(), chat_model)


def _run(
    graph: CompiledStateGraph[Any, TurnContext, Any, Any],
    context: TurnContext,
    messages: list[BaseMessage],
) -> Generator[Event, None, list[BaseMessage]]:
    """Run the graph, handing on its steps and, sentence by sentence, its text.

    A text leaves the model node only after it was checked.
    """
    done = list(messages)
    began: dict[str, float] = {}
    for update in graph.stream({"messages": messages}, context=context, stream_mode="updates"):
        for part in update.values():
            for message in (part or {}).get("messages", ()):
                done.append(message)
                yield from _happened(message, began, context)
    return done


def _happened(
    message: BaseMessage, began: dict[str, float], context: TurnContext
) -> Iterator[StepStarted | StepFinished | TextReleased]:
    if isinstance(message, AIMessage) and message.tool_calls:
        for call in message.tool_calls:
            began[str(call["id"])] = time.perf_counter()
            yield StepStarted(tool=call["name"], arguments=call["args"])
    elif isinstance(message, AIMessage):
        for sentence in sentences(str(message.text)):
            yield TextReleased(text=sentence)
    elif isinstance(message, ToolMessage):
        start = began.get(message.tool_call_id, time.perf_counter())
        spent = (time.perf_counter() - start) * 1000
        context.tool_milliseconds[message.tool_call_id] = spent
        yield StepFinished(tool=message.name or "", milliseconds=spent)


def _plan_to_keep(question: str, answer: Answer) -> dict[str, object] | None:
    """Keep what the next turn's follow-up edits: the last call, or the choices offered."""
    if answer.choices:
        tool, arguments = "", {}
    elif answer.kind == "answer" and answer.steps:
        tool, arguments = answer.steps[-1].tool, answer.steps[-1].arguments
    else:
        return None
    kept = PreviousTurn(
        question=question,
        tool=tool,
        arguments=arguments,
        language=answer.language,
        choices=answer.choices,
    )
    return kept.model_dump(mode="json")


def _title(text: str) -> str:
    return " ".join(text.split())[:60]
