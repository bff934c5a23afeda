"""The thin Dagster layer: what is declared, partitioned, triggered and shown.

Nothing here knows a domain rule: every body calls ``chain.build.build`` and reports its outcome.
"""
