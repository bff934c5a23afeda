"""How questions are worded: at least eight ways per kind of question, chosen by hash.

Belongs here: the words. Does not: what is asked about (the families). The choice depends on the
block asked about and on nothing else, so that a question keeps its words when the book around it
changes.
"""

from __future__ import annotations

import re
from functools import cache

from booktune_assets.ids import stable_int
from booktune_assets.pairs.wording_prose import PROSE_BANK

__all__ = ["BANK", "ask"]

BANK: dict[str, tuple[str, ...]] = PROSE_BANK | {
    "define": (
        "What {be} {subject} in {language}?",
        "In {language}, what {be} {subject}?",
        "Explain briefly what {subject} {be} in {language}.",
        "How would you define {subject} in {language}?",
        "I keep reading about {subject} in {language}. What {be} {it}?",
        "Give a short definition of {subject} as used in {language}.",
        "What is meant by {subject} in {language}?",
        "I am learning {language}. Can you tell me what {subject} {be}?",
        "Describe {subject} in {language} in a sentence or two.",
        "A colleague who is new to {language} asks what {subject} {be}. What do you answer?",
    ),
    "fact_topic": (
        "As far as \"{topic}\" is concerned, what {do} {subject} {verb}?",
        "The topic is \"{topic}\". What {do} {subject} {verb}?",
        "With regard to \"{topic}\", tell me what {subject} {verbs}.",
        "When it comes to \"{topic}\", what {do} {subject} {verb}?",
        "My question is on \"{topic}\". What {do} {subject} {verb} there?",
        "On the topic \"{topic}\": what {do} {subject} {verb}?",
        "Say what {subject} {verbs} where \"{topic}\" is the matter at hand.",
        "I am reading up on \"{topic}\". What {do} {subject} {verb} in that respect?",
    ),
    "purpose": (
        "What {do} {subject} do in {language}?",
        "In {language}, what {be} {subject} for?",
        "What is the purpose of {subject} in {language}?",
        "Explain what {subject} {do} for you in {language}.",
        "Describe the role of {subject} in {language}.",
        "What can you say about the job of {subject} in {language}?",
        "Why would you reach for {subject} in {language}?",
        "Tell me briefly what {subject} {be} there for in {language}.",
    ),
    "api": (
        "What does `{name}` do in {language}?",
        "Explain the function `{name}` of {language}.",
        "In {language}, what is `{name}` for?",
        "I came across `{name}` in some {language} code. What does it do?",
        "Describe the behaviour of `{name}` in {language}.",
        "What happens when `{name}` is called in {language}?",
        "When reading {language} code, how should I understand a call of `{name}`?",
        "Tell me briefly what `{name}` does in {language}.",
    ),
    "explain_code": (
        "Explain this {language} code.",
        "What does the following {language} code do?",
        "Walk me through this {language} code.",
        "I do not understand this piece of {language}. Can you explain it?",
        "Describe how this {language} code works.",
        "Help me understand this {language} snippet.",
        "Tell me what happens in this {language} code.",
        "Say in words what this {language} code is about.",
    ),
    "comment_code": (
        "What is worth knowing about this {language} code?",
        "Here is some {language} code. What should a reader notice about it?",
        "Please comment on the following {language} code.",
        "What is there to say about this {language} code?",
        "I am reading this {language} code. What should I know about it?",
        "Add a remark that helps a reader of this {language} code.",
        "What background helps to understand this {language} code?",
        "Tell me something useful about the following {language} code.",
    ),
    "explain_session": (
        "Explain what happens in this {language} shell session.",
        "Walk me through this session of the {language} shell.",
        "I typed this into the {language} shell. Can you explain it?",
        "Help me understand this {language} shell session.",
        "Explain these expressions and their results in {language}.",
        "Describe what goes on in this {language} shell session.",
        "I do not understand this session of the {language} shell. What happens?",
        "Put this {language} shell session into words.",
    ),
    "brief_code": (
        "Say in one sentence what this {language} code is for.",
        "What is this {language} code about, in short?",
        "Sum up the following {language} code in a sentence.",
        "In a few words: what does this {language} code do?",
        "Give me the gist of this {language} code.",
        "What is the purpose of this {language} code? One sentence will do.",
        "Put briefly what the following {language} code does.",
        "I only want to know roughly what this {language} code does. What is it?",
    ),
    "brief_session": (
        "Say in one sentence what this {language} shell session shows.",
        "What is the gist of this {language} shell session?",
        "Sum up the following session of the {language} shell in a sentence.",
        "In a few words: what happens in this {language} shell session?",
        "Put briefly what goes on in this session of the {language} shell.",
        "What does this {language} shell session come to, in short?",
        "Give one sentence on this session of the {language} shell.",
        "I only want the main point of this {language} shell session. What is it?",
    ),
    "explain_error": (
        "What does this {language} error message mean?",
        "I get this error in {language}. Why?",
        "Explain this error message of {language}.",
        "Help me understand what went wrong in {language}.",
        "Why does {language} report this error?",
        "Here is a message that {language} printed. What is the cause?",
        "How should I read this error message of {language}?",
        "Tell me in words what this {language} error is about.",
    ),
    "comment_session": (
        "Here is a session in the {language} shell. What does it show?",
        "What can be learned from the following {language} shell session?",
        "Comment on these expressions and their results in {language}.",
        "What is worth knowing about this {language} shell session?",
        "Which point does this session of the {language} shell make?",
        "What should a reader take from this {language} shell session?",
        "Add a remark to this {language} shell session.",
        "What is there to say about this session of the {language} shell?",
    ),
    "explain_typed": (
        "Explain these {language} expressions, typed into the shell.",
        "Walk me through what is typed into the {language} shell here.",
        "What do the following lines do in the {language} shell?",
        "Help me understand these {language} expressions.",
        "I found these lines for the {language} shell. Can you explain them?",
        "What is worth knowing about these {language} expressions?",
        "Describe what these lines do when the {language} shell evaluates them.",
        "What should a reader notice about these {language} expressions?",
    ),
    "write_code": (
        "{task} Use {language}.",
        "In {language}: {task}",
        "Write {language} code for this task. {task}",
        "How would you do this in {language}? {task}",
        "{task} Answer with {language} code.",
        "Solve the following in {language}. {task}",
        "I need a piece of {language} code. {task}",
        "Show me {language} code for the following. {task}",
        "Please help me with some {language}. {task}",
    ),
    "write_example": (
        "Give a small example in {language}. {task}",
        "In {language}: {task} An example is enough.",
        "Show by an example in {language}. {task}",
        "How would you do this in {language}? {task} Choose values of your own.",
        "{task} Answer with a short example in {language}.",
        "I need an example in {language}. {task}",
        "Please show me some {language}. {task} Any values will do.",
        "{task} Use {language}, with values that you choose.",
    ),
    "predict_output": (
        "What does this {language} expression return?",
        "What is the value of the following {language} expression?",
        "Predict the result of this {language} expression.",
        "I type this into the {language} shell. What does the shell print?",
        "Evaluate this {language} expression.",
        "What will the {language} shell answer to this?",
        "Without running it, say what this {language} expression evaluates to.",
        "Which result does {language} give for this expression?",
    ),
    "predict_shown": (
        "What does the {language} shell show for this, printed text and value?",
        "Run this in your head in the {language} shell. What is printed, and what is the value?",
        "This {language} code prints something. Give all that the shell shows, its value included.",
        "Which lines appear in the {language} shell for this: what is printed, and the value?",
        "I run this in the {language} shell. What do I see, printed lines and value?",
        "Give what the {language} shell shows for this code: what it prints, then the value.",
        "Predict all that the {language} shell shows here, what the code prints and what it gives.",
        "What stands on the screen after this in the {language} shell, printed text and value?",
    ),
    "predict_last": (
        "These {language} expressions are evaluated in order. What does the last one return?",
        "What is the result of the last of these {language} expressions?",
        "Predict what the {language} shell prints for the last expression.",
        "I type these lines into the {language} shell one after another. What does the last "
        "one give?",
        "Evaluate these {language} expressions in order and give the result of the last one.",
        "After running the lines before it, what does the last {language} expression evaluate to?",
        "Follow this {language} session. What is printed for the last expression?",
        "Without running them, say what the last of these {language} expressions returns.",
    ),
}  # fmt: skip


# What goes from a wording when there is no language to name.
_BEFORE = re.compile(r"^(?:In|A question on|Tell me about) \{language\}[,:] ")
_WITHIN = re.compile(
    r", in \{language\},|"
    r",?(?: as used)? (?:in|of|with regard to) \{language\}(?: code)?(?=[ ?.,:]|$)|"
    r"\{language\} (?=code|expression|shell|snippet|lines)"
)


def ask(kind: str, key: str, **words: str) -> str:
    """One wording of the bank with its blanks filled; with an empty ``language`` none is named."""
    bank = _unset(kind) if words.get("language") == "" else BANK[kind]
    return bank[stable_int(f"{kind}\x1f{key}") % len(bank)].format(**words)


@cache
def _unset(kind: str) -> tuple[str, ...]:
    """The wordings that do without a language: the plain bank, else what is left without it."""
    if plain := BANK.get(f"{kind}_plain"):
        return plain
    found: list[str] = []
    for one in BANK[kind]:
        bare = _BEFORE.sub("", one)
        if bare == one or not bare.startswith("{"):  # a blank is not ours to begin large
            found.append(_WITHIN.sub("", f"{bare[:1].upper()}{bare[1:]}"))
    return tuple(one for one in dict.fromkeys(found) if "{language}" not in one)
