"""What the sets do about the decisions of people.

Belongs here: decisions as an input of the sets, edited turns in the place of the pair's own, rows
for what was rejected. Does not: the table (``review/decisions.py``), asking (``review/server.py``).

A decision is about the exchanges of a pair, and they stand in more forms than the one that was
shown: alone, as a turn of a lesson, behind passages (``pairs/held.py``). An edit is carried to the
others, a rejection takes them out; where an edit cannot be carried, the form leaves as well.

Edits come before the gates over all books, so that an edited text is compared like any other.
Rejections come after them: what says the same as a rejected pair was left out as its duplicate, and
does not step into its place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from booktune_assets.chain.followed import waiting
from booktune_assets.lake import Lake
from booktune_assets.review.decisions import Decision, Decisions
from booktune_assets.schemas_review import ACCEPTED, EDITED
from booktune_assets.settings import Settings

if TYPE_CHECKING:
    from booktune_assets.pairs.held import Change, Exchange, Holders
    from booktune_assets.pairs.once import Once

__all__ = ["REVIEW", "edited", "reviewed", "reviewing"]

REVIEW = "review"  # gate of what a person rejected
SINGLE = "predict_output"  # a result of a session, asked alone


def reviewing(settings: Settings) -> dict[str, str]:
    """Inputs of a set: what was decided, if anything was."""
    known = Decisions(settings).digest()
    return {"review": known} if known else {}


def edited(pairs: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """The pairs of a book, with the turns of edits in every form, and what follows from them.

    The id stays the pair's own. Of what was checked before only what did not change still holds: a
    check of code that is no longer the same counts as none. A pair that somebody edited or rejected
    itself takes nothing from the edits of others.
    """
    known = Decisions(settings).all()
    edits = {pair: one.edited for pair, one in known.items() if one.decision == "edit"}
    changed = pairs.filter(_in(edits))
    if changed.is_empty():
        return pairs
    new = {row["pair_id"]: _with_turns(row, edits[row["pair_id"]]) for row in changed.to_dicts()}
    own = {pair for pair, one in known.items() if one.decision != "accept"}
    new |= {row["pair_id"]: row for row in _carried(pairs, changed, edits, own)}
    return pl.concat([
        pairs.filter(~_in(new)), pl.DataFrame(list(new.values()), schema=pairs.schema),
    ])  # fmt: skip


def reviewed(made: Once, before: pl.DataFrame, settings: Settings, evidence: pl.DataFrame) -> None:
    """Take what was rejected out of ``made``, with rows and counts; ``before`` are all pairs and
    ``evidence`` is theirs, with hashes of quotes (``quoted.slim``).

    A decision about a pair that is no longer made stays where it is and is counted as idle. An edit
    that breaks a rule of rows leaves the set instead of stopping it.
    """
    known = Decisions(settings).all()
    there = set(before["pair_id"].to_list())
    names = {"accept": "accepted", "edit": "edited", "reject": "rejected"}
    made.counts |= {f"review_{name}": 0 for name in (*names.values(), "idle")}
    made.counts["review_idle"] = len(waiting(known.values(), there))
    for one in known.values():
        if one.pair_id in there:
            made.counts[f"review_{names[one.decision]}"] += 1
    rejected = {pair: one.note for pair, one in known.items() if one.decision == "reject"}
    _reject(made, rejected, "rejected")
    here = sorted(there & rejected.keys())
    _leave(made, _rejected_exchanges(made, before, here, evidence), evidence, "rejected")
    edits = {pair: known[pair] for pair in there & known.keys() if known[pair].decision == "edit"}
    _leave(made, _edited_exchanges(edits, before, settings, evidence), evidence, "edited")
    _reject(made, _broken(made), "edit_broken")
    accepted = sorted(pair for pair, one in known.items() if one.decision == "accept")
    seen = pl.when(pl.col("pair_id").is_in(accepted)).then(
        pl.concat_list("gates", pl.lit(ACCEPTED))
    )
    made.pairs = made.pairs.with_columns(gates=seen.otherwise("gates"))


def _carried(
    pairs: pl.DataFrame, changed: pl.DataFrame, edits: Mapping[str, list[dict[str, str]]],
    own: Collection[str],
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """The rows of other forms of what was edited, with its new words."""
    from booktune_assets.pairs.held import carried, changes, holding

    found: list[Change] = []
    for row in changed.sort("pair_id").iter_rows(named=True):
        alone = _alone(pairs, row) if row["family"] == "retrieved" else ()
        found += changes(row["family"], row["turns"], edits[row["pair_id"]], alone)
    if not found:
        return
    others = pairs.filter(holding(pairs["turns"], [one.answer for one in found]), ~_in(own))
    for row in others.iter_rows(named=True):
        turns = carried(row["family"], row["turns"], found)
        if turns != row["turns"]:
            yield _with_turns(row, turns)


def _alone(pairs: pl.DataFrame, row: dict[str, Any]) -> list[dict[str, str]]:
    """The messages of the pair that passages were put before; none where it is not there."""
    from booktune_assets.pairs.held import Holders, exchanges_in

    asked = Holders()
    asked.add("", row["section_id"], exchanges_in(row["family"], row["turns"]))
    single = pairs.filter(
        pl.col("section_id") == row["section_id"], pl.col("family") != "retrieved",
        pl.col("turns").list.len() == 2,
    )  # fmt: skip
    for turns in single["turns"].to_list():
        answer = exchanges_in("", turns)[0].answer
        if any(one.question in known for one in exchanges_in("", turns)
               for known, _ in asked.by_answer.get(answer, ())):  # fmt: skip
            return turns
    return []


def _rejected_exchanges(
    made: Once, before: pl.DataFrame, rejected: list[str], evidence: pl.DataFrame
) -> Holders:
    """The exchanges of what was rejected, and of all that was left out as its duplicate."""
    from booktune_assets.pairs.held import Holders

    same: dict[str, list[str]] = defaultdict(list)
    for row in made.dropped:
        if row["other"]:
            same[row["other"]].append(row["pair_id"])
    owner = dict(zip(rejected, rejected, strict=True))
    waiting = list(rejected)
    while waiting:
        one = waiting.pop()
        more = [pair for pair in same.get(one, ()) if pair not in owner]
        owner |= dict.fromkeys(more, owner[one])
        waiting += more
    found = Holders()
    for pair, section, exchanges in _exchanges(made, before.filter(_in(owner)), evidence):
        found.add(owner[pair], section, exchanges)
    near = before.filter(pl.col("family") == SINGLE, _resting(owner, evidence))
    _asked_alone(found, [one[1:] for one in _exchanges(made, near, evidence)], found)
    return found


def _asked_alone(
    known: Holders, singles: list[tuple[str, list[Exchange]]], found: Holders
) -> None:  # fmt: skip
    """Put the single results that ``known`` holds into ``found``, words and place.

    A session asks for a value in words of its own, and a lesson has those of the pair that asks it
    alone: that pair says of either what the other asks.
    """
    same = [(known.of(section, asked), section, asked) for section, asked in singles]
    for owner, section, asked in same:
        if owner:
            found.add(owner, section, asked)


def _edited_exchanges(
    edits: Mapping[str, Decision], before: pl.DataFrame, settings: Settings, evidence: pl.DataFrame
) -> Holders:
    """The exchanges that edits took the place of, as they were."""
    from booktune_assets.pairs.held import Holders, exchanges_in

    found, changed, lake = Holders(), Holders(), Lake(settings.lake)
    rows = before.filter(_in(edits)).select("pair_id", "book_id")
    single = before.filter(pl.col("family") == SINGLE, _resting(edits, evidence))["pair_id"]
    places = _places([*rows["pair_id"], *single], before, evidence)
    for (book,), own in rows.partition_by("book_id", as_dict=True).items():
        pairs = lake.read("instruction_pairs", str(book))
        for row in pairs.join(own, on="pair_id", how="semi").iter_rows(named=True):
            pair, where = row["pair_id"], places.get(row["pair_id"], ())
            now = exchanges_in(row["family"], edits[pair].edited, where)
            was = exchanges_in(row["family"], row["turns"], where)
            for old, new in zip(was, now, strict=False):
                if old == new:
                    continue
                if new.answer == old.answer:
                    found.add(pair, row["section_id"], [replace(old, place=None)])
                else:  # its place is that of a result: all that ask for it give the old one
                    changed.add(pair, row["section_id"], [old])
                    found.add(pair, row["section_id"], [old])
        _asked_alone(changed, _before_edits(pairs, single, places), found)
    return found


def _before_edits(
    pairs: pl.DataFrame, names: pl.Series, places: Mapping[str, list[tuple[str, int]]]
) -> list[tuple[str, list[Exchange]]]:
    """Section and exchange of some pairs as they were made."""
    from booktune_assets.pairs.held import exchanges_in

    return [
        (row["section_id"], exchanges_in(row["family"], row["turns"], places[row["pair_id"]]))
        for row in pairs.filter(pl.col("pair_id").is_in(names.implode())).iter_rows(named=True)
        if row["pair_id"] in places
    ]


def _leave(made: Once, known: Holders, evidence: pl.DataFrame, what: str) -> None:
    """Take out the pairs that hold one of the exchanges, in whatever form.

    Forms of an exchange rest on the same quotes, so of a million pairs few are looked at.
    """
    owners = {pair for told in known.by_answer.values() for _, pair in told}
    if not owners:
        return
    silent = (pl.col("family") == "retrieved") & pl.col("section_id").is_in([*known.by_section])
    looked = made.pairs.filter(_resting(owners, evidence) | silent)
    if what == "edited":  # with the mark it has the new words already
        looked = looked.filter(~pl.col("gates").list.contains(EDITED))
    gone = {
        pair: f"it holds what was {what} as {owner}"
        for pair, section, exchanges in _exchanges(made, looked, evidence)
        if pair not in owners and (owner := known.of(section, exchanges))
    }
    _reject(made, gone, f"{what}_in_another_form")


def _resting(owners: Collection[str], evidence: pl.DataFrame) -> pl.Expr:
    """The pairs that rest on a quote which answers one of ``owners``."""
    spots = evidence.filter(_in(owners), pl.col("role") == "answer")["spot"].unique()
    near = evidence.filter(pl.col("spot").is_in(spots.implode()))["pair_id"].unique()
    return pl.col("pair_id").is_in(near.implode())


def _exchanges(
    made: Once, pairs: pl.DataFrame, evidence: pl.DataFrame
) -> Iterator[tuple[str, str, list[Exchange]]]:
    """Pair, section and exchanges of some pairs as they are now."""
    from booktune_assets.pairs.held import exchanges_in
    from booktune_assets.pairs.shingles import slices

    places = _places(pairs["pair_id"].to_list(), pairs, evidence)
    said, names = made.turns(pairs), pairs.select("pair_id", "section_id", "family")
    for part in slices(pairs.height):
        for (pair, section, family), turns in zip(
            names[part].iter_rows(), said[part].to_list(), strict=True
        ):
            yield pair, section, exchanges_in(family, turns, places.get(pair, ()))


def _places(
    names: list[str], pairs: pl.DataFrame, evidence: pl.DataFrame
) -> dict[str, list[tuple[str, int]]]:
    """Where the results of sessions stand, and of those that are asked alone."""
    from booktune_assets.pairs.exchanges import places_of

    return places_of(pairs.filter(pl.col("pair_id").is_in(names)), evidence)


def _broken(made: Once) -> dict[str, str]:
    """Edited pairs that break a rule of rows, whosever words they hold."""
    from booktune_assets.pairs.rules import broken_rule

    changed = made.pairs.filter(pl.col("gates").list.contains(EDITED))
    told = made.turns(changed)[0 : changed.height].to_list() if changed.height else []
    return {
        pair: f"edited turns break the rule {rule}"
        for pair, turns in zip(changed["pair_id"], told, strict=True)
        if (rule := broken_rule(turns, parse=True))
    }


def _in(names: Collection[str]) -> pl.Expr:
    return pl.col("pair_id").is_in(sorted(names))


def _reject(made: Once, why: Mapping[str, str], reason: str) -> None:
    mine = _in(why)
    gone = made.pairs.filter(mine).select("pair_id", "book_id", "family").sort("pair_id")
    if gone.is_empty():
        return
    made.pairs = made.pairs.filter(~mine)
    made.dropped += [
        {**row, "gate": REVIEW, "reason": reason, "other": None,
         "detail": why[row["pair_id"]] or "a person rejected it"}
        for row in gone.to_dicts()
    ]  # fmt: skip
    made.counts[f"dropped_{REVIEW}"] = made.counts.get(f"dropped_{REVIEW}", 0) + gone.height


def _with_turns(row: dict[str, Any], turns: list[dict[str, str]]) -> dict[str, Any]:
    from booktune_assets.pairs.rules import fences, without_fences
    from booktune_assets.pairs.tokens import answer_tokens

    before, after = _code(row["turns"]), _code(turns)
    answers = [turn["content"] for turn in turns if turn["role"] == "assistant"]
    prose = any(without_fences(text) for text in answers)
    shown = any(fences(text) for text in answers)
    tokens = answer_tokens(turns)
    made = {
        **row, "turns": turns, "gates": ["G0_form", EDITED],
        "kind": "theory" if not shown else "mixed" if prose else "code",
        "answer_chars": max(1, sum(len(text) for text in answers)),
        "answer_tokens": tokens.answer, "code_tokens": tokens.code,
    }  # fmt: skip
    if before != after:
        made |= {"verification": "none", "verified_by": None}
    return made


def _code(turns: list[dict[str, str]]) -> list[tuple[str, str]]:
    from booktune_assets.pairs.rules import fences

    return [piece for turn in turns for piece in fences(turn["content"])]
