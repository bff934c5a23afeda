"""Where a book introduces a concept: headings with more words than its name, listings."""

import polars as pl

from booktune_assets.concepts.graph import into_concepts
from booktune_assets_tests.pairs.lab import book

PAGE = """
# Marvellous maps

A map holds values below keys. Each map has any number of keys, and a map may hold maps.

# Funky things

Let us write some of them down. They are values too.

```elixir
add = fn a, b -> a + b end
```

Here is one more.

```elixir
twice = fn a -> a * 2 end
```

And a third.

```elixir
half = fn a -> div(a, 2) end
```

# Spawning processes

A process is an independent piece of a program. One process sends a message to another process.

# Pattern matching with maps

A map matches on the keys that the pattern names, whatever else the map holds.

# The end

What we gave a name above is an anonymous function, by the way. Anonymous functions are many.

```elixir
last = fn list -> List.last(list) end
```
"""


def _introduced() -> dict[str, str]:
    made = book(PAGE)
    concepts = into_concepts("lab", made["sections"], made["blocks"])["concept_graph"]
    titles = dict(made["sections"].select("section_id", "title").iter_rows())
    return {
        label: titles[section]
        for label, section in concepts.select("label", "introduced_in").iter_rows()
    }


def test_a_heading_names_what_is_known_by_fewer_words() -> None:
    found = _introduced()
    assert found["map"] == "Marvellous maps"
    assert found["process"] == "Spawning processes"
    assert not {"marvellous map", "spawning process"} & set(found)


def test_a_name_that_is_kept_still_has_its_words() -> None:
    text = "A process wheel is a table of names. "
    body = f"# Process wheel\n\n{text * 2}\n\n{text}\n\n# Processes\n\nA process runs.\n"
    made = book(body)
    frames = into_concepts("lab", made["sections"], made["blocks"])
    concepts = frames["concept_graph"]
    assert "process wheel" in concepts["label"].to_list()
    process = concepts.row(by_predicate=pl.col("label") == "process", named=True)
    last = made["sections"].filter(pl.col("title") == "Processes")["section_id"].item()
    assert process["introduced_in"] == last


def test_a_construct_is_introduced_by_the_listings_that_show_it() -> None:
    assert _introduced()["anonymous function"] == "Funky things"


def test_definitions_are_the_best_that_the_book_has() -> None:
    page = """
# Tuples

Tuples store elements contiguously in memory. A tuple has a size.

# Atoms

Atoms are stored in a table that is never emptied. An atom is a constant whose value is its name.

# Words

A mailbox is where messages wait. It is emptied by the process that owns the mailbox.
"""
    made = book(page)
    block = next(row for row in made["blocks"].to_dicts() if row["text"].startswith("A mailbox"))
    said = {
        "entry": 0, "term": "mailbox", "definition": "A queue of messages.", "book_id": "lab",
        "section_id": block["section_id"], "block_id": block["block_id"],
    }  # fmt: skip
    beside = {"sections__glossary": pl.DataFrame([said])}
    concepts = into_concepts("lab", made["sections"], made["blocks"], beside)["concept_graph"]
    found = dict(concepts.select("label", "definition").iter_rows())
    assert found["tuple"] == "Tuples store elements contiguously in memory."
    assert found["atom"] == "An atom is a constant whose value is its name."
    assert found["mailbox"] == "A queue of messages."
    evidence = dict(concepts.select("label", "evidence").iter_rows())
    assert "definition" in evidence["atom"] and "definition" not in evidence["tuple"]


def test_what_only_a_glossary_tells_of_is_no_beginning() -> None:
    made = book(
        "# Maps\n\nA map holds values.\n\n# The end\n\nMaps end here.\n\n# Glossary\n\nTide\n"
    )
    name = made["sections"].row(2, named=True)["section_id"]
    role = pl.when(pl.col("section_id") == name).then(pl.lit("back")).otherwise("role")
    block = made["blocks"].filter(pl.col("section_id") == name)["block_id"].item()
    entry = {
        "book_id": "lab", "entry": 0, "term": "Binary", "definition": "Bytes in a row.",
        "block_id": block, "section_id": None,
    }  # fmt: skip
    beside = {"sections__glossary": pl.DataFrame([entry])}
    frames = into_concepts("lab", made["sections"].with_columns(role=role), made["blocks"], beside)
    found = {row["label"]: row for row in frames["concept_graph"].to_dicts()}
    assert [found[label]["order"] for label in ("map", "binary")] == [0, 1]
    assert found["binary"]["definition"] == "Bytes in a row."
    assert frames["concept_graph__edges"].is_empty()
