"""The shape of the house, held by parsing every import: lazy ones and ``TYPE_CHECKING`` count."""

import ast
import importlib.metadata
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]

MAY_IMPORT = {
    "prompts": set(),
    "warehouse": set(),
    "knowledge": {"prompts"},
    "tools": {"warehouse", "knowledge", "prompts"},
    "agent": {"tools", "knowledge", "prompts"},
    "ui": {"agent", "tools", "knowledge"},
    "evals": {"agent", "tools", "knowledge"},
}
FOLDERS = tuple(MAY_IMPORT)

ONLY_IN = {
    "gradio": "ui",
    "fastapi": "ui",
    "typer": "ui",
    "langchain_openai": "agent.chat_model",
    "openai": "agent.chat_model",
    "chromadb": "knowledge.vectors",
    "bm25s": "knowledge.feedback",
    "sqlalchemy": "warehouse",
}

READS_ENVIRONMENT = {
    "agent.settings": "the one place that reads settings",
    "ui.server": "GRADIO_ANALYTICS_ENABLED must be set before gradio is imported",
}

HOLDS_SQL = {
    "warehouse.compiler": "question SQL: the one writer, from a closed grammar",
    "warehouse.values": "lists the values of a dimension, once a build, before any question",
    "warehouse.query_worker": "fixed texts that read what a store holds, before any question",
    "warehouse.build_store": "build SQL: opens, checks and compacts the stores of a build",
    "warehouse.demo": "build SQL: the generator of the demo brand",
    "warehouse.identity": "build SQL: One ID",
    "warehouse.marts": "build SQL: the marts",
    "warehouse.own_tables": "build SQL: what the marts of a brand's own files start from",
    "warehouse.pipeline": "build SQL: runs the marts in order",
    "warehouse.proposals": "reads the cells of a file that is being loaded, before any build",
    "warehouse.sources": "build SQL: reads source files",
    "evals": "checks answers by SQL of its own",
}

DANGEROUS_CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen",
    "pickle.load", "pickle.loads", "joblib.load", "marshal.load", "marshal.loads",
    "dill.load", "shelve.open", "yaml.unsafe_load", "yaml.full_load",
}  # fmt: skip
UNSAFE_LOADERS = {"", "yaml.Loader", "yaml.CLoader", "yaml.UnsafeLoader", "yaml.FullLoader"}


class Import(NamedTuple):
    """An import as it stands in the source."""

    module: str
    line: int
    target: str

    def __str__(self) -> str:
        path = modules()[self.module].relative_to(ROOT)
        return f"{path}:{self.line} imports {self.target}"


@cache
def modules() -> dict[str, Path]:
    """Every module of ours by its dotted name; a package by the name of its folder."""
    found = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(modules()[module].read_text("utf-8"))


@cache
def imports(module: str) -> tuple[Import, ...]:
    return tuple(
        Import(module, line, target)
        for node in ast.walk(tree(module))
        for line, target in _targets(node, module)
    )


def _targets(node: ast.AST, module: str) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Import):
        yield from ((node.lineno, alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = _absolute(node, module)
        for alias in node.names:
            submodule = f"{base}.{alias.name}"
            yield node.lineno, submodule if submodule in modules() else base
    elif isinstance(node, ast.Call) and _dotted(node.func).split(".")[-1] in (
        "import_module",
        "find_spec",
        "__import__",
    ):
        named = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
        yield from ((node.lineno, name) for name in named if isinstance(name, str))


def _absolute(node: ast.ImportFrom, module: str) -> str:
    if not node.level:
        return node.module or ""
    package = module.split(".")
    if modules()[module].name != "__init__.py":
        package = package[:-1]
    package = package[: len(package) - node.level + 1]
    return ".".join([*package, *([node.module] if node.module else [])])


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _top(name: str) -> str:
    return name.split(".")[0]


def all_imports() -> Iterator[Import]:
    for module in modules():
        yield from imports(module)


def test_imports_are_seen_wherever_they_stand():
    source = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from warehouse.engine import Engine
def lazily():
    import gradio.themes as themes
    return importlib.import_module("openai")
"""
    seen = {target for node in ast.walk(ast.parse(source)) for _, target in _targets(node, "agent")}

    assert seen == {"typing", "warehouse.engine", "gradio.themes", "openai"}


def test_circles_are_found():
    edges = {"a": {"b"}, "b": {"c", "a"}, "c": {"d"}, "d": set()}

    assert _circles(edges) == [["b", "a", "b"]]


def test_every_folder_is_there_with_code():
    assert {_top(module) for module in modules()} == set(FOLDERS)


def test_imports_point_the_right_way():
    wrong = [
        f"{found}: {_top(found.module)} may import {sorted(MAY_IMPORT[_top(found.module)])} of ours"
        for found in all_imports()
        if _top(found.target) in MAY_IMPORT
        and _top(found.target) not in MAY_IMPORT[_top(found.module)] | {_top(found.module)}
    ]

    assert not wrong, "\n".join(["Imports that point the wrong way:", *wrong])


def test_tests_are_imported_by_nobody():
    assert [str(found) for found in all_imports() if _top(found.target) == "tests"] == []


def test_imports_of_our_own_modules_exist():
    missing = [
        str(found)
        for found in all_imports()
        if _top(found.target) in FOLDERS and found.target not in modules()
    ]

    assert not missing, "\n".join(["Imports of modules that do not exist:", *missing])


def test_no_module_imports_itself_in_a_circle():
    edges = {
        module: {i.target for i in imports(module) if i.target in modules() and i.target != module}
        for module in modules()
    }
    circles = [" -> ".join(circle) for circle in _circles(edges)]

    assert not circles, "\n".join(["Circular imports (lazy ones count):", *circles])


def _circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Find a shortest circle through every module that stands on one, each circle once."""
    found = {frozenset(path): path for start in edges if (path := _way_back(start, edges))}
    return list(found.values())


def _way_back(start: str, edges: dict[str, set[str]]) -> list[str]:
    before: dict[str, str] = {}
    queue = [start]
    for module in queue:
        if start in edges[module]:
            path = [module]
            while path[-1] != start:
                path.append(before[path[-1]])
            return [*reversed(path), start]
        fresh = sorted(edges[module] - before.keys())
        before |= dict.fromkeys(fresh, module)
        queue += fresh
    return []


@pytest.mark.parametrize(("package", "home"), ONLY_IN.items())
def test_package_is_imported_only_at_its_home(package, home):
    wrong = [
        str(found)
        for found in all_imports()
        if _top(found.target) == package
        and found.module != home
        and not found.module.startswith(home + ".")
    ]

    assert not wrong, "\n".join([f"Only {home} may import {package}:", *wrong])


def test_environment_is_read_in_one_place():
    wrong = [
        f"{modules()[module].relative_to(ROOT)}:{node.lineno} uses {_dotted(node)}"
        for module in modules()
        if module not in READS_ENVIRONMENT
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Attribute | ast.Name)
        and _dotted(node) in ("os.environ", "os.environb", "os.getenv", "environ", "getenv")
    ]

    assert not wrong, "\n".join(["Only agent/settings.py reads the environment:", *wrong])


def test_exceptions_to_the_environment_rule_are_used():
    used = {
        module
        for module in modules()
        if re.search(r"\b(environ|getenv)\b", modules()[module].read_text("utf-8"))
    }

    assert set(READS_ENVIRONMENT) <= used


_SQL = re.compile(r"\bselect\b.+?\bfrom\b|\binsert\s+into\b|\bcreate\s+(table|view)\b", re.I | re.S)


def _texts(module: str) -> Iterator[tuple[int, str]]:
    """Every text of a module but docstrings; a formatted one with its holes as ``{}``."""
    docstrings, parts = set(), set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            docstrings.add(node.value)
        if isinstance(node, ast.JoinedStr):
            parts |= set(node.values)
            pieces = (p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
            yield node.lineno, "".join(map(str, pieces))
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Constant) and node not in docstrings | parts:
            yield node.lineno, str(node.value)


def test_sql_stands_only_where_it_is_listed():
    wrong = [
        f"{modules()[module].relative_to(ROOT)}:{line} {' '.join(text.split())[:60]!r}"
        for module in modules()
        if not any(module == home or module.startswith(home + ".") for home in HOLDS_SQL)
        for line, text in _texts(module)
        if _SQL.search(text)
    ]

    assert not wrong, "\n".join(["SQL outside the places in HOLDS_SQL:", *wrong])


def test_no_folder_of_ours_has_the_name_of_an_installed_package():
    own = importlib.metadata.packages_distributions()
    taken = {
        folder: sorted(set(own[folder]) - {"sextant"})
        for folder in FOLDERS
        if set(own.get(folder, ())) - {"sextant"}
    }

    assert not taken, f"Installed packages with a name of ours: {taken}"


def test_nothing_runs_code_from_text_or_files():
    wrong = [
        f"{modules()[module].relative_to(ROOT)}:{node.lineno} calls {_dotted(node.func)}"
        for module in modules()
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call) and _is_dangerous(node)
    ]

    assert not wrong, "\n".join(["Calls that can run foreign code:", *wrong])


def _is_dangerous(call: ast.Call) -> bool:
    name = _dotted(call.func)
    if name in DANGEROUS_CALLS:
        return True
    if name == "yaml.load":
        loaders = [ast.unparse(keyword.value) for keyword in call.keywords]
        return len(call.args) != 1 or set(loaders or [""]) & UNSAFE_LOADERS != set()
    return any(
        keyword.arg in ("allow_pickle", "shell")
        and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
        for keyword in call.keywords
    )
