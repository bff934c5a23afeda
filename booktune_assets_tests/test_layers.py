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
    "schemas_figures", "settings", "lake", "children",
}  # fmt: skip
LAYER = {
    **dict.fromkeys(GROUND, 0),
    "books": 1, "beam": 2, "concepts": 3, "pairs": 4, "llm": 5, "rehearsal": 6, "training": 7,
    "evaluation": 8, "chain": 9, "chain_books": 9, "chain_editions": 9, "chain_models": 9,
    "warehouse": 9, "lineage": 9, "reference": 9, "assets": 10, "definitions": 10, "cli": 11,
}  # fmt: skip
HEAVY = {
    "torch", "transformers", "peft", "bitsandbytes", "accelerate", "datasets", "vllm", "gguf",
    "dbt", "dagster_dbt", "pymupdf", "fitz", "pdfplumber", "tree_sitter", "tree_sitter_elixir",
    "tree_sitter_language_pack", "duckdb", "sacrebleu", "scipy", "trl",
}  # fmt: skip
# Modules that run only inside a child process: what they need may stand at their top.
CHILDREN = {
    "training/trainer.py",
    "training/child.py",
    "llm/transformers_engine.py",
    "llm/heads.py",
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


def test_heavy_libraries_are_imported_late() -> None:
    wrong = [
        f"{where(path, line)} imports {name} at the top"
        for path in MODULES
        if str(path.relative_to(PACKAGE)) not in CHILDREN
        for line, name, top in imports(path)
        if top and name.split(".")[0] in HEAVY
    ]
    assert not wrong, "\n".join(wrong)


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


@pytest.mark.parametrize("module", ["settings", "lake", "chain", "books.shelf", "cli"])
def test_light_modules_load_nothing_heavy(module: str) -> None:
    code = f"import sys, booktune_assets.{module}; print('\\n'.join(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in out.stdout.splitlines()}
    assert not loaded & (HEAVY | {"dagster"})
