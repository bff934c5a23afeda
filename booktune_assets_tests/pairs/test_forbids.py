"""Words that forbid to train models on a book, whatever licence stands beside them."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from booktune_assets.books.blocks import Limits, Parsed
from booktune_assets.books.formats import parse
from booktune_assets.books.frames import Facts, into_frames
from booktune_assets.books.sections import into_sections
from booktune_assets.chain.licences import printed, stricter
from booktune_assets.pairs.licences import held, licence_of, printed_licence
from booktune_assets.settings_sets import Licences

Read = Callable[[Path], Parsed]
FORBID = [
    "CC BY 4.0. This book must not be used to train machine learning models.",
    "Licence: no training of AI on this text is permitted; MIT for the code.",
    "Licensed under CC BY 4.0, except for AI training",
    "You may not use this book to train AI",
    "© 2026. All rights reserved, including rights for text and data mining",
    "Apache-2.0; no AI training",
    "No part of this book may be used or reproduced in any manner for the purpose of training "
    "artificial intelligence technologies or systems.",
    "In accordance with Article 4(3) of the DSM Directive, the house expressly reserves this work "
    "from the text and data mining exception.",
    "Any use of this publication to “train” generative artificial intelligence (AI) technologies "
    "is expressly prohibited.",
    "The contents may not be ingested by large language models without written permission.",
    "CC BY-SA 4.0 with no right to use the text for training LLMs",
    "NoAI",
    "No machine-learning use.",
    "Do not train language models on this text.",
    "Text and data mining is not permitted.",
    "MIT, but the text may not be used for machine learning.",
    "Use of this work for AI training is not authorised.",
    "tdm-reservation: 1",
    "tdm-reservation: 1, policy https://harbour.example/tdm.json",
    "This book is published with tdm-reservation: 1 in the head of each of its pages.",
    "CC BY 4.0, NoAI",
]
FREE = [
    "This book does not cover training of machine-learning models.",
    "The book may not be used for training courses in companies.",
    "All rights reserved. No part of this book may be reproduced.",
    "Licensed under Apache 2.0; you may train AI models on it.",
    "In this chapter we train a model with Nx; it does not take long.",
    "The MIT License covers the listings. Models are not included in the download.",
    "You may use the text to train models, provided that you name the authors.",
    "Permission is granted to use the book for AI training without any restriction.",
    "Creative Commons Attribution 4.0: you may share and adapt, also for machine learning.",
    "The actor model may use messages, but must not share memory.",
    "You may not use AI in the exercises.",
    "THE SOFTWARE IS PROVIDED WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED",
]


@pytest.mark.parametrize("said", FORBID)
def test_what_forbids_training_is_held_whatever_else_it_allows(said: str) -> None:
    found = licence_of(said)
    assert (found.kind, found.share) == ("forbidden", False)
    assert licence_of(found.name).kind == "forbidden"
    loose = Licences(unknown="allow", reserved="allow")
    assert "forbids to train" in held(found, loose)
    printed = printed_licence(["This book is licensed under CC BY 4.0.", f"A word. {said}"])
    assert licence_of(printed).kind == "forbidden"


@pytest.mark.parametrize("said", FREE)
def test_what_only_speaks_of_training_forbids_nothing(said: str) -> None:
    assert licence_of(said).kind != "forbidden"
    assert licence_of(printed_licence([said])).kind != "forbidden"


def test_a_ban_in_print_outweighs_the_licence_of_the_file_and_leave_outweighs_the_ban() -> None:
    ban = "This book must not be used to train AI."
    assert stricter("CC-BY-4.0", ban) == ban
    assert stricter("LicenseRef-training-permitted", ban) == "LicenseRef-training-permitted"
    assert stricter("CC-BY-4.0", "MIT") == "CC-BY-4.0"
    assert stricter("", "MIT") == "MIT"
    assert stricter("", "") == ""


@pytest.mark.parametrize(
    "said",
    [
        "This book shows how a site answers with tdm-reservation: 1 and what a crawler does then.",
        "The word noai in the head of a page tells robots what its author wants of them.",
    ],
)
def test_what_tells_of_marks_for_machines_forbids_nothing(said: str) -> None:
    assert licence_of(printed_licence([said, "The book is licensed under MIT."])).name == "MIT"


@pytest.fixture
def read() -> Read:
    return lambda path: parse(path, Limits(), lambda done, total: None)


def shelf(*rows: tuple[str, str, str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Sections of role, title and text, each with one block, of the kind that stands last, below
    its heading."""
    sections = [
        {"ordinal": n, "section_id": f"s{n}", "role": role, "title": title, "text": text}
        for n, (role, title, text, _) in enumerate(rows)
    ]
    blocks = [
        {"section_id": f"s{n}", "text": words, "kind": what}
        for n, (_, title, text, kind) in enumerate(rows)
        for words, what in ((title, "heading"), (text, kind)) if words
    ]  # fmt: skip
    return pl.DataFrame(sections), pl.DataFrame(blocks).with_row_index("ordinal")


def test_a_colophon_at_the_end_forbids_too_but_names_no_licence() -> None:
    said = ("front", "Imprint", "This book is licensed under CC BY 4.0.", "prose")
    body = ("body", "Lists", "We train models on no text.", "prose")
    made = shelf(said, body, ("back", "Colophon", "MIT License.", "prose"))
    assert licence_of(printed(*made)).name == "CC-BY-4.0"
    ban = "Machine learning: this text may not be used to train models."
    made = shelf(said, body, ("back", "Colophon", ban, "prose"))
    assert licence_of(printed(*made)).kind == "forbidden"


@pytest.mark.parametrize(
    ("role", "title", "kind", "held"),
    [
        ("back", "Glossary", "prose", False), ("back", "Index", "list", False),
        ("back", "References", "prose", False), ("front", "Preface", "code", False),
        ("front", "Copyright", "code", True), ("front", "", "code", True),
        ("back", "Colophon", "prose", True), ("front", "About This Book", "prose", True),
    ],
)  # fmt: skip
def test_what_a_book_tells_of_such_marks_is_no_ban_on_itself(
    role: str, title: str, kind: str, held: bool
) -> None:
    made = shelf((role, title, "noai, 12\ntdm-reservation: 1", kind))
    assert (licence_of(printed(*made)).kind == "forbidden") == held


LINE = "This book is licensed under CC BY 4.0."
WORDS = "".join(f"\n\n## {title}\n\n{'Boats go out. ' * 50}" for title in ("Tides", "Fog", "Ebb"))


@pytest.mark.parametrize(
    "said",
    [LINE, f"> {LINE}", f"> [!NOTE]\n> {LINE}", f"It is free.[^a]\n\n[^a]: {LINE}", f"* {LINE}",
     f"| Licence | Text |\n| --- | --- |\n| CC | {LINE} |", f"![Figure 1. {LINE}](x.png)",
     "| Licence | CC BY 4.0 |\n| --- | --- |\n| Author | Jo |", "**License:** CC BY 4.0"],
)  # fmt: skip
@pytest.mark.parametrize("title", ["About this book", "Preface"])
def test_a_preface_says_the_licence_in_any_form(
    tmp_path: Path, read: Read, said: str, title: str
) -> None:
    (tmp_path / "b.md").write_text(f"# Harbour\n\n## {title}\n\n{said}{WORDS}\n")
    assert licence_of(printed(*sections_of(read(tmp_path / "b.md")))).name == "CC-BY-4.0"


def test_a_listing_says_it_where_no_heading_stands_above(tmp_path: Path, read: Read) -> None:
    for above, said in (("", True), ("Welcome, reader.\n\n", True), ("## Preface\n\n", False)):
        (tmp_path / "b.md").write_text(f"{above}```\n{LINE}\n```{WORDS}\n")
        assert bool(printed(*sections_of(read(tmp_path / "b.md")))) == said


def sections_of(parsed: Parsed) -> tuple[pl.DataFrame, pl.DataFrame]:
    facts = Facts("b", Path("b.md"), "0" * 64, 1, "raw_books.0")
    raw = into_frames(parsed.as_plain(), facts)
    made = into_sections("b", "0" * 64, raw["raw_books__blocks"], raw["raw_books__spans"])
    return made["sections"], made["sections__blocks"]
