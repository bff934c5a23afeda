"""Lists, tasks and topics: what a heading or a lead-in asks for is what stands below."""

from booktune_assets_tests.pairs.asking import asked

RULES = """# Names

Names of variables in Elixir follow three rules:

- They start with a small letter

- They hold letters, digits and underscores

- They may end with a mark
"""


def test_a_list_is_asked_for_by_its_lead_in() -> None:
    ((question, answer),) = asked(RULES, "steps")
    assert "Names of variables in Elixir follow three rules" in question
    assert answer.split("\n") == [
        "- They start with a small letter",
        "- They hold letters, digits and underscores",
        "- They may end with a mark",
    ]


def test_links_and_nested_lists_are_left_out() -> None:
    assert not asked(RULES.replace("follow three rules", "are told of in these resources"), "steps")
    assert not asked(RULES.replace("They may end with a mark", "They end with one of:"), "steps")


def test_a_task_in_a_heading_is_answered_with_its_code() -> None:
    page = """# Send a message to a process

A process sends a message with the function `send/2`, and the message waits in a mailbox. Messages
are copied to the receiver:

```elixir
send(self(), :hello)
```
"""
    found = asked(page, "steps")
    assert len(found) == 1
    assert "send a message to a process" in found[0][0]
    assert found[0][1].endswith("```elixir\nsend(self(), :hello)\n```")


def test_a_weak_heading_is_joined_to_the_one_above() -> None:
    page = """# Routing tables

Routing tables map paths to handlers before any request of a client is read.

## Syntax

A path in routing tables is a binary that begins with a slash and holds names between slashes.
A name may hold letters and digits.
"""
    questions = [question for question, _ in asked(page, "define")]
    assert any("Routing tables: Syntax" in question for question in questions)


def test_headings_that_say_nothing_are_not_asked() -> None:
    page = "# Summary\n\nMailboxes hold the messages of a process until the process reads them.\n"
    assert not any("Summary" in question for question, _ in asked(page, "define"))


def test_a_description_is_asked_for_its_name() -> None:
    page = """# Mailboxes

A *mailbox* is a queue in which the messages for one process wait. Each mailbox belongs to one
process. A mailbox has no limit.
"""
    found = asked(page, "define")
    named = [(q, a) for q, a in found if "a queue in which the messages" in q]
    assert len(named) == 1
    assert named[0][1].startswith("Mailbox. A mailbox is a queue")


def test_an_open_list_is_not_asked_for() -> None:
    assert not asked(RULES.replace("three rules:", "rules, for example:"), "steps")


def test_what_is_done_by_itself_is_no_way_to_do_it() -> None:
    page = """# Generate a tag

{} static handler of Elixir will generate a tag based on the size and the time of a file. This does
not suit all systems. It would do rather poorly over a cluster of nodes, as these values differ.
"""
    assert asked(page.format("The"), "steps")
    assert not asked(page.format("By default, the"), "steps")
