"""Language models: prepared once, opened by children, asked through one interface.

``models`` makes a folder that loads, ``engine`` asks it, ``chat`` turns messages into token ids.
Parents import ``models`` and ``chat`` (light); only children open an engine.
"""
