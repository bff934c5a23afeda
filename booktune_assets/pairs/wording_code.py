"""Paraphrase banks of the families about code: at least eight wordings of each question.

Belongs here: wordings and their choice by hash. Does not: what is asked (the families), wordings of
the families about prose (``wording.py``).
"""

from __future__ import annotations

from booktune_assets.ids import stable_int

__all__ = ["CODE_BANK", "ask_code"]

CODE_BANK: dict[str, tuple[str, ...]] = {
    "error_explain": (
        "I typed this into the {language} shell and got an error. What went wrong?",
        "Why does this {language} code fail?",
        "The {language} shell reports an error here. Explain the cause.",
        "What is the reason for this error in {language}?",
        "Help me understand this {language} error.",
        "Which mistake leads to the error below? It was printed by the {language} shell.",
        "Diagnose this failure in the {language} shell.",
        "I do not see why {language} refuses this. Can you tell me?",
        "What does this {language} error mean, and what caused it?",
    ),
    "error_foresee": (
        "What goes wrong when this {language} code is evaluated?",
        "This {language} code fails. With which error, and why?",
        "Something is wrong with this {language} code. What happens when it runs?",
        "Which error does {language} report for this, and what is behind it?",
        "Find out what fails here. The code is {language}.",
        "Does this {language} code work? If not, say what it ends in and why.",
        "Why would {language} refuse to evaluate this, and what would it print?",
        "Predict the error that this {language} code ends in and explain it.",
    ),
    "error_which": (
        "Which error does this {language} code end in?",
        "This {language} code fails. What does the shell print?",
        "What error message does {language} give for this?",
        "Evaluating this in the {language} shell fails. How does the error read?",
        "Which exception does {language} report here?",
        "State the error that this {language} code ends in.",
        "What happens when this is evaluated in the {language} shell?",
        "Predict the error message of {language} for the following code.",
    ),
    "error_listing": (
        "This {language} code is refused. What does it fail with?",
        "Which error does {language} report for this listing?",
        "What message does one get for this {language} code?",
        "This does not work in {language}. What is printed?",
        "Loading this {language} code fails. How does the error read?",
        "Predict what {language} says about the following code.",
        "What is reported when somebody tries to run this {language} code?",
        "State the error that follows from this {language} code.",
    ),
    "fill_body": (
        "The body of `{name}` is missing where `{mark}` stands. Write it.",
        "Complete this {language} code: what has to stand in place of `{mark}`, in `{name}`?",
        "Fill in what `{mark}` stands for in `{name}`.",
        "In this {language} code the body of `{name}` was left out at `{mark}`. Supply it.",
        "What belongs in place of `{mark}` so that `{name}` works?",
        "Please implement `{name}`: its body goes where `{mark}` is.",
        "Write the missing {language} code of `{name}`, marked `{mark}`.",
        "Replace `{mark}` by a body for `{name}`.",
        "Finish the function `{name}` in this {language} code at the place marked `{mark}`.",
    ),
    "fill_clause": (
        "One clause of `{name}` is missing where `{mark}` stands. Write it.",
        "Which clause of `{name}` has to stand in place of `{mark}`?",
        "Complete this {language} code by the clause of `{name}` that was left out at `{mark}`.",
        "`{name}` lacks a clause at `{mark}`. Supply it.",
        "Add the clause of `{name}` that `{mark}` stands for.",
        "In this {language} code a clause of `{name}` was cut out at `{mark}`. What was it?",
        "Write the missing clause of `{name}`; its place is marked `{mark}`.",
        "Finish `{name}` in {language}: the clause at `{mark}` is not there yet.",
    ),
    "fill_call": (
        "Which function of {home} has to stand in place of `{mark}` for this to give the value?",
        "Fill in `{mark}`: a function of {home} is missing in this {language} expression.",
        "Complete this {language} expression by a function of {home} at `{mark}`.",
        "This {language} expression lacks the name of a function of {home} at `{mark}`. Which one?",
        "What belongs in place of `{mark}`? It is a function of {home}, and the value is given.",
        "I forgot which function of {home} does this. Replace `{mark}` in this {language} code.",
        "Find the function of {home} that gives the value shown, and write the expression out.",
        "Replace `{mark}` by the name of a function of {home}, so that the value comes out.",
    ),
    "fix_listing": (
        "There is a bug in this {language} code. {symptom} Find it and fix it.",
        "This {language} code is not right. {symptom} What has to be changed?",
        "Please debug the following {language} code. {symptom}",
        "I made a mistake in this {language} code. {symptom} Where is it?",
        "{symptom} Correct this {language} code.",
        "Something is off in this {language} code. {symptom} Repair it.",
        "Review this {language} code and mend its fault. {symptom}",
        "{symptom} Find the faulty line of this {language} code.",
    ),
    "fix_expression": (
        "This {language} expression has a bug. {symptom} Fix it.",
        "What is wrong with this {language} expression? {symptom}",
        "Correct this {language} expression. {symptom}",
        "I made a slip in this {language} expression. {symptom} Find it.",
        "Debug the following {language} expression. {symptom}",
        "Change this {language} expression so that it is right. {symptom}",
        "Please mend this {language} expression. {symptom}",
        "This {language} expression is not quite right. {symptom} What has to be changed?",
    ),
    "test_calls": (
        "Write an {frame} test that asserts what these {language} expressions give.",
        "Turn these {language} expressions into a test with {frame}.",
        "State in an {frame} test which values these {language} expressions have.",
        "I want a regression test for these {language} expressions. Write it with {frame}.",
        "Cover the following {language} expressions by a test in {frame}.",
        "How would you assert the results of these {language} expressions in {frame}?",
        "Please write the {frame} test for these {language} expressions.",
        "Write {frame} assertions for the values of the following {language} expressions.",
    ),
    "test_module": (
        "Write an {frame} test for this {language} code.",
        "Test the following {language} code with {frame}.",
        "This {language} code has no test yet. Write one with {frame}.",
        "Please cover this {language} code by an {frame} test.",
        "Which {frame} test states how this {language} code behaves?",
        "Write {frame} assertions about what this {language} code gives.",
        "I have to test this {language} code. What does the {frame} test look like?",
        "Give an {frame} test for the code below. It is {language}.",
    ),
    "session_first": (
        "I am in the {language} shell. What does it print for this?",
        "Let us go through a session of the {language} shell. What does this give?",
        "I type this into the {language} shell. What is the result?",
        "Be the {language} shell. I begin with this.",
        "Follow a session of the {language} shell with me. What does this give?",
        "What does the {language} shell answer here?",
        "Play the {language} shell: what value does this have?",
        "We start the {language} shell and type this. What do we get?",
    ),
    "session_next": (
        "And then this?",
        "Next I type:",
        "What does this give now?",
        "Then:",
        "The next input in the same {language} shell:",
        "Now this one.",
        "And after that?",
        "I go on with:",
    ),
    "translate": (
        "Write this {source} code in {target}.",
        "How would this {source} code look in {target}?",
        "Translate the following {source} code into {target}.",
        "What is the {target} counterpart of this {source} code?",
        "I know {source}. How do I say this in {target}?",
        "Give the {target} version of this {source} code.",
        "Convert this from {source} to {target}.",
        "Express the same in {target}. The code below is {source}.",
    ),
}  # fmt: skip


def ask_code(kind: str, key: str, **words: str) -> str:
    """One wording of the bank with its blanks filled."""
    bank = CODE_BANK[kind]
    return bank[stable_int(f"{kind}\x1f{key}") % len(bank)].format(**words).strip()
