"""A page of our own that holds one of everything the prose families look for."""

PROSE_PAGE = """
## Supervisors

A *supervisor* is a process that starts other processes and watches over them. If a child process
crashes, the supervisor starts a new one in its place. Supervisors keep the number of restarts low
because a process that crashes again and again has a fault which no restart will mend.

There are three strategies in a supervisor:

- one_for_one starts the crashed process anew and leaves the rest alone

- one_for_all stops all of the processes and starts them anew

- rest_for_one starts those anew that came after the crashed process

Unlike a supervisor, an agent is a process that only keeps a value. Processes never share memory
with a supervisor, and messages are copied from one to another.

You can count the children of a supervisor by calling the function that the library provides for it.

## Send a message to a process

A process sends a message with the function `send/2`, and the message waits in a mailbox. The
function `send/2` returns the message that was sent, whether or not anybody reads it. Messages
from one process arrive in the order in which they were sent:

```elixir
send(self(), :hello)
```

Processes share no memory: a message is copied from the heap of the sender to the heap of the
receiver, which keeps it until it is read. Copying a long list takes time, and for large binaries
there is a place outside of all heaps to which processes hold a counted reference.

Mailboxes have no size limit, so a slow process may collect messages until its node has no memory.
"""
