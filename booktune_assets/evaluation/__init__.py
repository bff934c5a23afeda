"""Base against tuned on the same held-out items: scores, doubt, report.

Belongs here: suites, statistics, the HTML report. Does not: engines (``llm/``), running code
(``beam/``), training.
"""
