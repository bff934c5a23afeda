"""The output for one page, word for word: it may change only together with the versions.

``BOOKTUNE_GOLDEN=write`` writes it anew after a version was raised.
"""

import json
import os
from pathlib import Path

from booktune_assets.concepts import graph
from booktune_assets.pairs import extract, render
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.sample import PAGE

GOLDEN = Path(__file__).parents[1] / "golden" / "pairs.json"


def _made() -> dict[str, object]:
    made = book(PAGE)
    concepts = graph.into_concepts("lab", made["sections"], made["blocks"])
    frames = pairs_of(made).frames
    pairs, evidence = frames["instruction_pairs"], frames["instruction_pairs__evidence"]
    shown = render.into_sharegpt(pairs, evidence, made["sections"], made["spans"])
    return {
        "versions": [graph.VERSION, extract.VERSION, render.VERSION],
        "concepts": concepts["concept_graph"].select("label", "kind", "level", "definition").rows(),
        "edges": concepts["concept_graph__edges"].rows(),
        "pairs": [
            {"id": row["pair_id"], "example": row["example_id"], "family": row["family"],
             "turns": [turn["value"] for turn in row["conversations"]], "page": row["page"]}
            for row in shown.to_dicts()
        ],
        "rejected": frames["instruction_pairs__rejected"].select("family", "gate", "reason").rows(),
        "sections": frames["instruction_pairs__sections"].rows(),
    }  # fmt: skip


def test_golden() -> None:
    made = json.loads(json.dumps(_made()))
    if os.environ.get("BOOKTUNE_GOLDEN") == "write":
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
    kept = json.loads(GOLDEN.read_text())
    if made["versions"] != kept["versions"]:
        assert made != {**kept, "versions": made["versions"]}, "raise a version only for new output"
    assert made == kept, "the output changed: raise VERSION, then write the golden file anew"
