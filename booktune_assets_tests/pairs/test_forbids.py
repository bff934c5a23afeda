"""Words that forbid to train models on a book, whatever licence stands beside them."""

import polars as pl
import pytest

from booktune_assets.chain.licences import printed, stricter
from booktune_assets.pairs.licences import held, licence_of, printed_licence
from booktune_assets.settings_sets import Licences

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


def test_a_colophon_at_the_end_forbids_too_but_names_no_licence() -> None:
    said = ["This book is licensed under CC BY 4.0.", "We train models on no text.", "MIT License."]
    made = pl.DataFrame({"ordinal": [0, 1, 2], "role": ["front", "body", "back"],
                         "title": ["Imprint", "Lists", "Colophon"], "text": said})  # fmt: skip
    assert licence_of(printed(made)).name == "CC-BY-4.0"
    said[2] = "Machine learning: this text may not be used to train models."
    made = made.with_columns(text=pl.Series(said))
    assert licence_of(printed(made)).kind == "forbidden"
