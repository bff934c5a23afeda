"""Elixir and Erlang: grammar, transcripts, code in answers, and a runner inside a sandbox.

Belongs here: everything that knows one of the two languages. Does not: books, pairs, models.
"""
