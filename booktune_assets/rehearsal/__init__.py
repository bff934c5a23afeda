"""What is rehearsed beside the books, so that earlier knowledge is kept.

``general`` is real text, ``synthesise`` lets the base model write its own, ``build`` joins both.
"""
