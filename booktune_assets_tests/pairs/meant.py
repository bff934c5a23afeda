"""Pairs that say the same in other words, and pairs that nearly do: what "same meaning" is held to.

Belongs here: the texts, own words. Does not: comparing them (``test_meaning.py``,
``benchmarks/meaning.py``). Each entry is question and answer, then question and answer of its twin.
``SAME`` were written as somebody would put the first one anew; ``OTHER`` are what must not be taken
for that: another function or thing of the same kind, the contrary, other numbers, the inverse
question, another question with the same words. The marks were chosen with these in view;
``LATER_SAME`` and ``LATER_OTHER`` were written after that.
"""

from __future__ import annotations

__all__ = ["LATER_OTHER", "LATER_SAME", "OTHER", "SAME"]

Twin = tuple[str, str, str, str]

SAME: tuple[Twin, ...] = (
    (
        "What is an atom?",
        "An atom is a constant whose value is its own name.",
        "Explain what an atom is.",
        "Atoms are constants: the name of an atom is also its value.",
    ),
    (
        "What is a process in Elixir?",
        "A process is a light unit of execution that shares no memory with others and sends "
        "messages.",
        "Describe processes in Elixir.",
        "Processes are light units of execution; they send each other messages and share no "
        "memory.",
    ),
    (
        "What does a supervisor do?",
        "A supervisor is a process that watches its child processes and restarts them when "
        "they crash.",
        "What is the task of a supervisor?",
        "A supervisor watches over child processes, and when one of them crashes it restarts it.",
    ),
    (
        "What is a keyword list?",
        "A keyword list is a list of tuples with two elements, the first of which is an atom.",
        "How would you define a keyword list?",
        "A keyword list consists of two-element tuples, and the first element of each is an atom.",
    ),
    (
        "Why are lists slow to append to?",
        "Appending to a list is slow because the whole list on the left has to be copied first.",
        "Why is appending to a list slow?",
        "The list on the left must be copied as a whole first, and so appending to it is slow.",
    ),
    (
        "What is pattern matching?",
        "Pattern matching compares the shape of a value with a pattern and binds variables to"
        " its parts.",
        "Explain pattern matching.",
        "With pattern matching a value's shape is compared with a pattern, and variables are "
        "bound to parts of it.",
    ),
    (
        "What is a charlist?",
        "A charlist is a list of integers that are all valid code points.",
        "Give a definition of a charlist.",
        "A list of integers, all of them valid code points, is called a charlist.",
    ),
    (
        "What does `Enum.reduce/3` do?",
        "`Enum.reduce/3` walks over a collection and builds up an accumulator with each element.",
        "What is `Enum.reduce/3` for?",
        "With each element of a collection that it walks over, `Enum.reduce/3` builds up an "
        "accumulator.",
    ),
    (
        "What is a stream?",
        "A stream is a lazy enumerable: its elements are computed only when they are asked for.",
        "Explain streams.",
        "Streams are lazy enumerables, whose elements are only computed when somebody asks "
        "for them.",
    ),
    (
        "When should I use a struct?",
        "Use a struct when a map has a fixed set of keys that should be checked at compile time.",
        "When is a struct of use?",
        "A struct is of use when the set of keys of a map is fixed and should be checked at "
        "compile time.",
    ),
    (
        "What is a behaviour?",
        "A behaviour is a set of function signatures that a module promises to implement.",
        "What does behaviour mean?",
        "A behaviour is a set of signatures of functions, which a module promises that it "
        "implements.",
    ),
    (
        "What is a monitor?",
        "A monitor tells a process by a message when another process ends.",
        "Tell me what a monitor is.",
        "When a process ends, a monitor tells another process so by a message.",
    ),
    (
        "What is tail recursion?",
        "A function is tail recursive when its last action is to call itself, so no stack "
        "builds up.",
        "Explain tail recursion.",
        "In tail recursion the last action of a function is to call itself, so that no stack "
        "builds up.",
    ),
    (
        "What is a protocol?",
        "A protocol is a way to dispatch to an implementation by the type of a value.",
        "Describe protocols.",
        "Protocols are a way of dispatching to implementations by the type of the value.",
    ),
    (
        "What does `Map.fetch/2` return?",
        "`Map.fetch/2` returns the value in a tuple with `:ok`, or `:error` when the key is "
        "missing.",
        "What is returned by `Map.fetch/2`?",
        "When the key is missing `Map.fetch/2` returns `:error`, otherwise a tuple of `:ok` "
        "and the value.",
    ),
    (
        "What is a sigil?",
        "A sigil is a tilde with a letter and delimiters that writes a literal such as a "
        "regular expression.",
        "Define sigils.",
        "Sigils write literals such as regular expressions: a tilde with a letter and delimiters.",
    ),
    (
        "What is immutability?",
        "Data is immutable: once made it never changes, and a function gives new data instead.",
        "What does immutability mean?",
        "Immutability means that data never changes once it is made; functions give new data "
        "instead.",
    ),
    (
        "What is a mailbox?",
        "The mailbox of a process holds the messages that were sent to it until it receives them.",
        "Explain the mailbox of a process.",
        "Messages sent to a process are held in its mailbox until the process receives them.",
    ),
    (
        "Why use a Task?",
        "Use a `Task` because it runs one function in its own process and gives its result later.",
        "Why is a Task useful?",
        "A `Task` is useful because one function runs in a process of its own and its result "
        "is given later.",
    ),
    (
        "What is a guard?",
        "A guard is a condition after `when` that must hold for a clause to be chosen.",
        "Describe a guard.",
        "A guard is the condition behind `when` that has to hold so that a clause is chosen.",
    ),
)
OTHER: tuple[Twin, ...] = (
    (
        "What does `Enum.map/2` do?",
        "`Enum.map/2` applies a function to each element of a collection and returns a list.",
        "What does `Enum.each/2` do?",
        "`Enum.each/2` applies a function to each element of a collection and returns `:ok`.",
    ),
    (
        "Is a list fast to prepend to?",
        "Prepending to a list is fast, because nothing is copied.",
        "Is a list fast to append to?",
        "Appending to a list is not fast, because everything is copied.",
    ),
    (
        "What is a tuple?",
        "A tuple stores its elements side by side in memory, so reading one by index is fast.",
        "What is a list?",
        "A list stores its elements one after another as links in memory, so reading one by "
        "index is slow.",
    ),
    (
        "What is an atom?",
        "An atom is a constant whose value is its own name.",
        "What do you call a constant whose value is its own name?",
        "Atom. An atom is a constant whose value is its own name.",
    ),
    (
        "How many restarts does a supervisor allow?",
        "By default a supervisor allows 3 restarts in 5 seconds.",
        "How many restarts does a supervisor allow?",
        "By default a supervisor allows 10 restarts in 60 seconds.",
    ),
    (
        "What does `GenServer.call/2` do?",
        "`GenServer.call/2` sends a request to the server and waits for its reply.",
        "What does `GenServer.cast/2` do?",
        "`GenServer.cast/2` sends a request to the server and does not wait for a reply.",
    ),
    (
        "What happens to a linked process?",
        "When a process crashes, the processes that are linked to it crash as well.",
        "What happens to a monitoring process?",
        "When a process crashes, the processes that monitor it get a message.",
    ),
    (
        "What does `String.length/1` count?",
        "`String.length/1` counts the graphemes of a string.",
        "What does `byte_size/1` count?",
        "`byte_size/1` counts the bytes of a string.",
    ),
    (
        "What is a public function?",
        "A function defined with `def` can be called from other modules.",
        "What is a private function?",
        "A function defined with `defp` can be called only in its own module.",
    ),
    (
        "When is `one_for_one` used?",
        "With `one_for_one` only the child that crashed is restarted.",
        "When is `one_for_all` used?",
        "With `one_for_all` all children are restarted when one of them crashed.",
    ),
    (
        "What is a stream?",
        "A stream is a lazy enumerable: its elements are computed only when asked for.",
        "What is Enum?",
        "Enum is an eager module: all elements are computed at once, before anybody asks.",
    ),
    (
        "What is a keyword list?",
        "A keyword list keeps the order of its keys, and a key may be there twice.",
        "What is a map?",
        "A map does not keep the order of its keys, and a key is there once.",
    ),
    (
        "What does import do?",
        "`import` brings the functions of a module into scope so that they are called without"
        " its name.",
        "What does alias do?",
        "`alias` gives a module a shorter name within the scope.",
    ),
    (
        "Why are macros useful?",
        "Macros are useful because they write code at compile time.",
        "Why are macros dangerous?",
        "Macros are dangerous because code that they write is hard to read.",
    ),
    (
        "What is a strict comparison?",
        "`===` compares values strictly: `1` and `1.0` are different.",
        "What is a loose comparison?",
        "`==` compares numbers loosely: `1` and `1.0` are the same.",
    ),
    (
        "What is `self/0`?",
        "`self/0` returns the pid of the process that calls it.",
        "What is `spawn/1`?",
        "`spawn/1` returns the pid of the process that it starts.",
    ),
    (
        "What is a permanent child?",
        "A permanent child is always restarted.",
        "What is a temporary child?",
        "A temporary child is never restarted.",
    ),
    (
        "How are strings stored?",
        "Strings are stored as binaries in UTF-8.",
        "How are charlists stored?",
        "Charlists are stored as lists of code points.",
    ),
    (
        "What is the head of a list?",
        "The head of a list is its first element.",
        "What is the tail of a list?",
        "The tail of a list is what follows its first element.",
    ),
    (
        "What does try do?",
        "`rescue` in a `try` handles exceptions that were raised.",
        "What does after do?",
        "`after` in a `try` runs whether an exception was raised or not.",
    ),
)
# written when the marks stood, to measure them
LATER_SAME: tuple[Twin, ...] = (
    (
        "What is an agent?",
        "An agent is a process that holds a state and lets others read and update it by functions.",
        "Tell me about agents.",
        "Agents are processes that hold a state, which others read and update by means of "
        "functions.",
    ),
    (
        "What does hot code loading mean?",
        "Hot code loading replaces a module in a running system without stopping it.",
        "Explain hot code loading.",
        "A running system has a module replaced by hot code loading, without being stopped.",
    ),
    (
        "What is a comprehension?",
        "A comprehension draws values from enumerables, filters them and collects the results"
        " in a list.",
        "Define comprehensions.",
        "Comprehensions draw values out of enumerables, filter these and collect what results"
        " in a list.",
    ),
    (
        "Why are binaries shared?",
        "Large binaries are shared between processes because copying them with each message "
        "would be slow.",
        "Why are binaries shared between processes?",
        "Copying large binaries with each message would be slow, and so processes share them.",
    ),
    (
        "What is a registry?",
        "A registry maps names to processes, so that they are found without knowing their pid.",
        "What does a registry do?",
        "With a registry processes are found without knowing the pid, as it maps their names "
        "to them.",
    ),
    (
        "What does `Enum.chunk_every/2` do?",
        "`Enum.chunk_every/2` splits a collection into lists of a given length.",
        "What is `Enum.chunk_every/2` used for?",
        "A collection is split into lists of a given length by `Enum.chunk_every/2`.",
    ),
    (
        "What is a changeset?",
        "A changeset holds the changes to a record together with the errors that checks found.",
        "Describe a changeset.",
        "Together with the errors found by checks, a changeset holds the changes to a record.",
    ),
    (
        "What is the shell for?",
        "In the shell you type expressions and see at once what they give.",
        "What is the use of the shell?",
        "You type expressions in the shell and at once see the values that they give.",
    ),
    (
        "When is a macro expanded?",
        "A macro is expanded at compile time, before the code around it is compiled.",
        "At what time are macros expanded?",
        "Macros are expanded when compiling, before the code that surrounds them is compiled.",
    ),
    (
        "What is a release?",
        "A release bundles the compiled application with the runtime, so that it runs on a "
        "machine that has neither.",
        "Explain what releases are.",
        "The compiled application and the runtime are bundled in a release, so that a machine"
        " that has neither can run it.",
    ),
)
LATER_OTHER: tuple[Twin, ...] = (
    (
        "What does `List.first/1` return?",
        "`List.first/1` returns the first element of a list.",
        "What does `List.last/1` return?",
        "`List.last/1` returns the last element of a list.",
    ),
    (
        "What is an agent?",
        "An agent is a process that holds a state.",
        "What is a task?",
        "A task is a process that runs one function.",
    ),
    (
        "Does `Map.put/3` change the map?",
        "`Map.put/3` does not change the map that it is given.",
        "Does `Map.put/3` change the map?",
        "`Map.put/3` returns a map that has the new key.",
    ),
    (
        "When do messages arrive in order?",
        "Messages between two processes arrive in the order in which they were sent.",
        "When do messages not arrive in order?",
        "Messages from several processes do not arrive in any order.",
    ),
    (
        "What is the left side of a match?",
        "On the left side of a match stands a pattern, which binds variables.",
        "What is the right side of a match?",
        "On the right side of a match stands an expression, which gives a value.",
    ),
    (
        "How long does a call wait?",
        "A call waits for 5 seconds by default.",
        "How long does a task wait?",
        "A task waits for 5 seconds by default.",
    ),
    (
        "What is a parent process?",
        "The parent process is the one that starts the child.",
        "What is a child process?",
        "The child process is the one that is started by the parent.",
    ),
    (
        "Which clauses come first?",
        "The most special clauses come first, because they are tried in order.",
        "Which clauses come last?",
        "The most general clauses come last, because they are tried in order.",
    ),
    (
        "What is a local call?",
        "A local call names a function of its own module.",
        "What is a remote call?",
        "A remote call names a function of another module.",
    ),
    (
        "Why use a map?",
        "Use a map because finding a value by its key is fast.",
        "Why use a list?",
        "Use a list because putting a value in front is fast.",
    ),
)
