"""Recipes of the teacher: named ways to get questions and answers out of a passage.

Belongs here: one module per recipe, their prompts, what they share (``base.py``, ``steps.py``).
Does not: their names (``teacher.py``), passages, gates and judges, asking (``llm/``).
"""
