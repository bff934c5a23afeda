"""Training a LoRA adapter: examples and rehearsal in, adapter and loss curve out.

``run`` is what the chain calls; ``child`` does the work in a process of its own with ``batches``,
``trainer`` and ``strategies``.
"""
