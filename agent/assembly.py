"""From the messages of a run to the Answer: text, evidence, caveats, steps."""

from __future__ import annotations

from typing import Any, Literal

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from agent.answer import Answer, Step, Usage
from agent.embedded import Plan
from agent.errors import ChatModelFailed
from agent.instructions import told_question
from agent.questions import next_questions
from agent.turn import Said, TurnContext
from knowledge.languages import say
from tools.errors import ToolError
from tools.evidence import ToolResult, Understood
from tools.names import Names

Language = Literal["zh", "en"]
_NAMES = ("metric", "dimension", "name", "works", "filter")
"""Parameters of errors that hold names of the semantic model."""


def assemble(messages: list[BaseMessage], context: TurnContext, thread: str) -> Answer:
    """Make the Answer of a run from its messages; evidence is numbered in message order."""
    plan, language = context.plan, context.toolbox.language
    messages = _in_order(messages)
    results, errors = context.results(messages), context.errors(messages)
    if plan is not None and plan.kind != "calls":
        return _not_planned(plan, thread)
    if errors and not results:
        refused = failed(errors, thread, language, context.toolbox.names)
        return refused.model_copy(update=_work(messages, context))
    if plan is None and not results:
        return _said_without_data(messages, context, thread)
    shown = next((r for r in reversed(results) if r.table is not None), None)
    evidence = [e for r in results for e in r.evidence]
    empty = bool(results) and all(is_empty(r) for r in results)
    understood = results[-1].understood if results else Understood()
    if plan is not None:
        understood = understood.model_copy(
            update={
                "defaults": plan.defaults or understood.defaults,
                "not_understood": plan.not_understood,
            }
        )
    caveats = [_caveat(code, r) for r in results for code in r.caveats]
    caveats += [said(error, language, context.toolbox.names) for error in _standing(messages)]
    if plan is None:
        caveats += _told_of_chat_model(context)
    if context.unfounded:
        caveats.append(say("unfounded", language, figures=", ".join(context.unfounded)))
    return Answer(
        kind="refusal" if empty else "answer",
        reason="no_data" if empty else None,
        thread=thread,
        turn_id="",
        language=language,
        text=str(messages[-1].text),
        understood=understood,
        table=shown.table if shown else None,
        chart=shown.chart if shown else None,
        evidence=tuple(
            e.model_copy(update={"id": f"E{i}"}) for i, e in enumerate(evidence, start=1)
        ),
        caveats=tuple(dict.fromkeys(caveats)),
        suggestions=next_questions(results, context.toolbox.vocabulary),
        **_work(messages, context),
    )


def _in_order(messages: list[BaseMessage]) -> list[BaseMessage]:
    """Put results in the order of their calls: tools run side by side and end as they end."""
    place = {
        call["id"]: i
        for i, call in enumerate(c for m in messages if isinstance(m, AIMessage)
                                 for c in m.tool_calls)
    }  # fmt: skip
    answers = iter(
        sorted(
            (m for m in messages if isinstance(m, ToolMessage)),
            key=lambda m: place.get(m.tool_call_id, len(place)),
        )
    )
    return [next(answers) if isinstance(m, ToolMessage) else m for m in messages]


def checked(messages: list[BaseMessage], context: TurnContext, thread: str) -> Answer:
    """Make the Answer of a chat model's run.

    Raises
    ------
    ChatModelFailed
        When it ended without a text, or had only calls that no tool could read.
    """
    last, errors = messages[-1], context.errors(messages)
    if not isinstance(last, AIMessage) or last.tool_calls or not str(last.text).strip():
        raise ChatModelFailed("useless")
    unread = all(error.code == "invalid_arguments" for error in errors)
    if errors and unread and not context.results(messages):
        raise ChatModelFailed("useless")
    return assemble(messages, context, thread)


def _caveat(code: str, result: ToolResult) -> str:
    counts = {name: value for name, value in result.facts.items() if isinstance(value, int)}
    return say(code, result.language, **counts)


def _work(messages: list[BaseMessage], context: TurnContext) -> dict[str, Any]:
    """Collect what was done: steps, planner, usage."""
    steps = tuple(
        Step(
            tool=call["name"],
            arguments=call["args"],
            milliseconds=context.tool_milliseconds.get(str(call["id"]), 0.0),
        )
        for message in messages
        if isinstance(message, AIMessage)
        for call in message.tool_calls
    )
    return {
        "steps": steps,
        "planner": "chat" if context.plan is None else "embedded",
        "usage": used_by(context),
    }


def used_by(context: TurnContext) -> Usage | None:
    """Count what the chat model of a turn used; None when none was asked."""
    if not context.model_name or not context.model_calls:
        return None
    counted = context.tokens
    return Usage(
        model=context.model_name,
        prompt_tokens=sum(prompt for prompt, _ in counted) if counted else None,
        completion_tokens=sum(completion for _, completion in counted) if counted else None,
    )


def _standing(messages: list[BaseMessage]) -> tuple[ToolError, ...]:
    """Failures that no later round of calls put right."""
    calls = [i for i, m in enumerate(messages) if isinstance(m, AIMessage) and m.tool_calls]
    return TurnContext.errors(messages[calls[-1] :]) if calls else ()


def _told_of_chat_model(context: TurnContext) -> list[str]:
    language, told = context.toolbox.language, []
    if context.rewritten:
        told.append(say("rewritten", language))
    if context.stopped:
        told.append(say("chat_model_stopped", language))
    if told_question(context.question) != context.question:
        told.append(say("chat_model_read_part", language))
    if context.unanswered:
        told.append(say("chat_model_unanswered", language, what=context.unanswered))
    return told


def _said_without_data(messages: list[BaseMessage], context: TurnContext, thread: str) -> Answer:
    """Make the Answer of a chat model's own words: a question back, or a refusal."""
    said_so = context.said or Said("unsupported")
    return Answer(
        kind="clarification" if said_so.reason == "ambiguous" else "refusal",
        reason=said_so.reason,
        thread=thread,
        turn_id="",
        language=context.toolbox.language,
        text=str(messages[-1].text),
        choices=said_so.choices,
        caveats=(say("no_data_read", context.toolbox.language),),
        **_work(messages, context),
    )


def _not_planned(plan: Plan, thread: str) -> Answer:
    return Answer(
        kind="clarification" if plan.kind == "clarification" else "refusal",
        reason=plan.reason,
        thread=thread,
        turn_id="",
        language=plan.language,
        text=plan.text,
        understood=Understood(defaults=plan.defaults, not_understood=plan.not_understood),
        choices=plan.choices,
    )


def failed(
    errors: tuple[ToolError, ...], thread: str, language: Language, names: Names | None = None
) -> Answer:
    """Make the Answer of a turn that failed: a refusal, or a failure where the fault is ours."""
    reason = errors[0].reason
    return Answer(
        kind="failure" if reason == "fault" else "refusal",
        reason=reason,
        thread=thread,
        turn_id="",
        language=language,
        text="\n".join(dict.fromkeys(said(error, language, names) for error in errors)),
    )


def said(error: ToolError, language: Language, names: Names | None = None) -> str:
    """Say a failure in the asker's language, with the labels of what it names."""

    def shown(value: str) -> str:
        return names.label(value, language) if names else value

    params: dict[str, str | int | float | None] = {}
    for name, value in error.params.items():
        if name == "kind":
            params[name] = say(f"kind_{value}", language)
        elif isinstance(value, tuple):
            params[name] = say("list_comma", language).join(shown(part) for part in value)
        elif isinstance(value, str) and name in _NAMES:
            params[name] = say("list_comma", language).join(map(shown, value.split(", ")))
        else:
            params[name] = value
    return say(error.code, language, **params)


def is_empty(result: ToolResult) -> bool:
    """Tell whether a result holds no value at all; zero is a value."""
    if result.tool == "search_feedback":
        return not any(e.quotes for e in result.evidence)
    if result.table is None:
        return False
    figures = [i for i, c in enumerate(result.table.columns) if c.role == "metric"]
    if not figures:
        return not result.table.rows
    return all(row[i] is None for row in result.table.rows for i in figures)
