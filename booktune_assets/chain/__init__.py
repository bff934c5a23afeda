"""The chain over the lake: each asset's inputs, reuse, one call into its room, publishing.

Belongs here: what needs both the lake and the rooms. Does not: domain rules (the rooms), scheduling
and retries (``assets/``). ``house.py`` is what all share, ``build.py`` the one way to build.
"""
