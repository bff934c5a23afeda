"""Concepts of a book: what it teaches, in which order, and what builds on what."""
