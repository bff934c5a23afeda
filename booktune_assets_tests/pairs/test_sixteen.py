"""All sixteen families of the design have rows in one book, whose code is run."""

from pathlib import Path

from booktune_assets.pairs.families import FAMILIES
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.code_page import CODE_PAGE
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.sample import PAGE
from booktune_assets_tests.pairs.sample_prose import PROSE_PAGE
from booktune_assets_tests.pairs.test_execute import needs_beam, runner
from booktune_assets_tests.pairs.test_left_families import PAGE as LEFT
from booktune_assets_tests.pairs.test_translate import CRASH_COURSE

SIXTEEN = {
    "define", "explain_code", "write_code", "predict_output", "diagnose_error", "fill_in",
    "fix_bug", "compare", "steps", "reason", "prerequisites", "api_use", "translate", "lesson",
    "refusal", "true_false",
}  # fmt: skip

BUILDS = """
# Processes

A *process* is an independent unit of a running system that holds its own memory. A process gets
messages from any other process and answers them in order.

```elixir
pid = spawn(fn -> receive do: (message -> message) end)
```

# Supervisors

A *supervisor* is a process that starts another process and starts that process again when it ends.
Each supervisor builds on a process: without a process a supervisor has nothing to watch. A
supervisor of many a process is one more process.

```elixir
watched = spawn_link(fn -> receive do: (message -> message) end)
Process.monitor(watched)
```

# Trees of supervisors

A *supervision tree* is a supervisor that watches one more supervisor, which watches a process.
Every supervision tree builds on a supervisor and on a process.

# Calls in calls

```iex
iex> Enum.join(Enum.map([10, 20, 30], fn depth -> depth + 1 end), ", ")
"11, 21, 31"
```
"""


@needs_beam
def test_no_family_is_without_rows(tmp_path: Path) -> None:
    page = "\n".join((PAGE, PROSE_PAGE, CODE_PAGE, LEFT, BUILDS, CRASH_COURSE))
    made = pairs_of(book(page), runner=runner(tmp_path))
    found = set(made.frames["instruction_pairs"]["family"])
    every = {name for name, _, _ in FAMILIES}
    assert every - found == set()
    assert every >= SIXTEEN
