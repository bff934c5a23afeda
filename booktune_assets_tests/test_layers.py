"""The plan of the house, enforced: who may import whom, how long a module may be, what loads."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "booktune_assets"
MODULES = sorted(PACKAGE.rglob("*.py"))
LINES_MAX, MEDIAN_MAX, NAMES_MAX, FUNCTION_MAX = 450, 200, 8, 40

GROUND = {
    "errors", "ids", "progress", "contracts", "columns", "schemas", "schemas_structure",
    "schemas_figures", "schemas_code", "schemas_concepts", "schemas_pairs", "schemas_sets",
    "schemas_rehearsal", "schemas_review", "schemas_teacher", "schemas_training",
    "schemas_evaluation", "settings", "settings_faults", "settings_forgetting",
    "settings_evaluation", "settings_sets", "settings_training", "lake", "children", "pipes",
    "on_disk", "ahead", "altered", "alone", "json_lines",
}  # fmt: skip
LAYER = {
    **dict.fromkeys(GROUND, 0),
    "books": 1, "beam": 2, "concepts": 3, "pairs": 4, "llm": 1, "rehearsal": 6, "training": 7,
    "evaluation": 8, "chain": 9, "warehouse": 9, "page": 9, "review": 9,
    **dict.fromkeys((one.stem for one in PACKAGE.glob("lineage*.py")), 9),
    "reference": 9, "assets": 10, "definitions": 10, "cli": 11,
}  # fmt: skip
HEAVY = {
    "torch", "transformers", "peft", "bitsandbytes", "accelerate", "datasets", "vllm", "gguf",
    "dbt", "dagster_dbt", "pymupdf", "fitz", "pdfplumber", "tree_sitter", "tree_sitter_elixir",
    "tree_sitter_language_pack", "duckdb", "sacrebleu", "scipy", "trl",
}  # fmt: skip
# Modules that run only inside a child process: what they need may stand at their top.
CHILDREN = {
    "concepts/encoder_child.py",
    "training/trainer.py",
    "training/child.py",
    "training/reference.py",
    "training/states.py",
    "training/checkpoints.py",
    "training/columns.py",
    "training/strategies/progressive.py",
    "training/strategies/expansion.py",
    "training/strategies/olora.py",
    "training/strategies/oplora.py",
    "training/post/curve.py",
    "training/post/lines.py",
    "training/post/intruder.py",
    "training/post/merge.py",
    "training/post/child.py",
    "training/comparison/child.py",
    "training/comparison/measure.py",
    "training/comparison/runner.py",
    "training/comparison/stages.py",
    "training/comparison/synthesis.py",
    "training/fisher.py",
    "training/held.py",
    "training/quadratic.py",
    "training/strategies/ewc.py",
    "training/strategies/l2.py",
    "training/strategies/si.py",
    "training/divergence.py",
    "training/metric.py",
    "training/strategies/fip.py",
    "training/strategies/sdft.py",
    "training/strategies/stm.py",
    "training/strategies/talr.py",
    "llm/transformers_engine.py",
    "evaluation/drift.py",
    "llm/heads.py",
}
# Circles that only close inside of a function, and why they stand. None closes while loading.
_PACKAGE = "booktune_assets"
CIRCLES = {
    frozenset({"assets.automation", "assets.execute", "assets.jobs", "definitions"}): (
        "the job `everything` starts the parts, which are found in the definitions that list it"
    ),
    frozenset({"llm.engine", "llm.transformers_engine"}): (
        "open_engine is the only place that names an engine; engines implement what it promises"
    ),
}
DAGSTER_VERBS = {"cli/run.py", "cli/checkup.py"}  # the two verbs that use the instance itself


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> list[tuple[int, str, bool]]:
    """(line, module, at the top level of the module?) for each import."""
    tree = ast.parse(path.read_text())
    top = {id(node) for node in tree.body}
    for node in tree.body:  # `if TYPE_CHECKING:` blocks load nothing
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            for inner in ast.walk(node):
                top.discard(id(inner))
    found: list[tuple[int, str, bool]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name, id(node) in top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            found.append((node.lineno, base, id(node) in top))
            if base == "booktune_assets":
                found += [(node.lineno, f"{base}.{a.name}", id(node) in top) for a in node.names]
    return found


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def test_only_the_dagster_layer_imports_dagster() -> None:
    wrong: list[str] = []
    for path in MODULES:
        if room(path) in ("assets", "definitions"):
            continue
        for line, name, top in imports(path):
            if name.split(".")[0] in ("dagster", "dagster_dbt", "dagster_webserver"):
                allowed = str(path.relative_to(PACKAGE)) in DAGSTER_VERBS and not top
                if not allowed:
                    wrong.append(f"{where(path, line)} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_imports_run_downwards() -> None:
    wrong: list[str] = []
    for path in MODULES:
        mine = LAYER.get(room(path))
        if path.parent == PACKAGE and path.name == "__init__.py":
            continue
        assert mine is not None, f"{path.name}: say in LAYER where this module belongs"
        for line, name, _ in imports(path):
            parts = name.split(".")
            if parts[0] != "booktune_assets" or len(parts) == 1:
                continue
            theirs = LAYER.get(parts[1])
            if theirs is None or theirs > mine:
                wrong.append(f"{where(path, line)} imports upwards: {name}")
    assert not wrong, "\n".join(wrong)


def _graph(*, loading: bool) -> dict[str, set[str]]:
    """Module → modules of ours that it imports: while loading, or at any time.

    Names that are looked up with ``import_module("…")`` count as imports at some time; what stands
    under ``TYPE_CHECKING`` never runs and does not count.
    """
    names = {}
    for path in MODULES:
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        names[".".join(parts).removesuffix("__init__").rstrip(".")] = path
    graph: dict[str, set[str]] = {}
    for name, path in names.items():
        found: set[str] = set()
        for node, top in _running(ast.parse(path.read_text())):
            if top or not loading:
                found |= {_ours(wanted, names) for wanted in _imported(node)}
        graph[name] = found - {name, ""}
    return graph


def _running(tree: ast.Module) -> list[tuple[ast.AST, bool]]:
    """(node, does it run while the module loads?), without those for type checkers only."""
    found: list[tuple[ast.AST, bool]] = []

    def walk(node: ast.AST, top: bool) -> None:
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.If) and "TYPE_CHECKING" in ast.dump(inner.test):
                continue
            function = isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            found.append((inner, top))
            walk(inner, top and not function)

    walk(tree, True)
    return found


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and "import_module" in ast.dump(node.func):
        return [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
    return []


def _ours(wanted: str, names: dict[str, Path]) -> str:
    """The module of ours that a dotted name is, or is a name of; empty when it is none."""
    if wanted.split(".")[0] != _PACKAGE:
        return ""
    parts = wanted.split(".")[1:]
    whole, parent = ".".join(parts), ".".join(parts[:-1])
    return whole if whole in names else parent


def _circles(graph: dict[str, set[str]]) -> set[frozenset[str]]:
    """Strongly connected components of more than one module."""
    reach: dict[str, set[str]] = {}
    for start in graph:
        seen, todo = set[str](), [start]
        while todo:
            for following in graph.get(todo.pop(), set()) - seen:
                seen.add(following)
                todo.append(following)
        reach[start] = seen
    knots = {
        frozenset(other for other in reach[name] if name in reach[other])
        for name in graph
        if name in reach[name]
    }
    return {knot for knot in knots if len(knot) > 1}


def test_no_circle_closes_while_loading_and_the_others_are_known() -> None:
    assert _circles(_graph(loading=True)) == set()
    assert _circles(_graph(loading=False)) == set(CIRCLES)


def test_circles_are_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"d"}, "e": {"a"}}
    assert _circles(graph) == {frozenset("abc")}
    late = ast.parse("def f():\n    from booktune_assets import lake\nimport os\n")
    found = [(name, top) for node, top in _running(late) for name in _imported(node)]
    assert found == [("booktune_assets.lake", False), ("os", True)]


def test_heavy_libraries_are_imported_late() -> None:
    wrong = [
        f"{where(path, line)} imports {name} at the top"
        for path in MODULES
        if str(path.relative_to(PACKAGE)) not in CHILDREN
        for line, name, top in imports(path)
        if top and name.split(".")[0] in HEAVY
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_strays_to_the_top_level() -> None:
    """What a test or a try left in the project's folder was once committed with ``git add -A``."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout: nothing says which files are the project's")
    found = {name.partition("/")[0] for name in listed.stdout.splitlines()}
    assert found <= {
        ".ci", ".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md", "LICENSE", "Makefile",
        "README.md", "benchmarks", "booktune.toml", "booktune_assets", "booktune_assets_tests",
        "constraints", "data", "dbt", "deploy", "docs", "pyproject.toml", "workspace.yaml",
    }  # fmt: skip


def test_modules_stay_short() -> None:
    lengths = sorted((len(path.read_text().splitlines()), path.name) for path in MODULES)
    assert lengths[-1][0] <= LINES_MAX, lengths[-3:]
    assert lengths[len(lengths) // 2][0] <= MEDIAN_MAX


def test_every_module_says_what_belongs_in_it() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in MODULES
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def test_few_public_names_and_short_functions() -> None:
    wrong: list[str] = []
    for path in MODULES:
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and any(
                isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets
            ):
                names = ast.literal_eval(node.value)
                if len(names) > NAMES_MAX:
                    wrong.append(f"{where(path, node.lineno)} has {len(names)} public names")
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                length = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
                if length > FUNCTION_MAX:
                    wrong.append(f"{where(path, node.lineno)} {node.name} has {length} lines")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("module", ["settings", "lake", "chain.build", "books.shelf", "cli"])
def test_light_modules_load_nothing_heavy(module: str) -> None:
    code = f"import sys, booktune_assets.{module}; print('\\n'.join(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in out.stdout.splitlines()}
    assert not loaded & (HEAVY | {"dagster"})
