"""What holds for all tests: sums of floats that do not depend on where memory lies, no time limits
for examples of property tests, which a busy machine would break.

Set before torch is loaded. Tests compare runs bit by bit; MKL picks other kernels for arrays that
begin elsewhere, and fewer threads on a busy machine, unless it is told not to.
"""

import os

from hypothesis import settings

os.environ.setdefault("MKL_CBWR", "AUTO")
os.environ.setdefault("MKL_DYNAMIC", "FALSE")

settings.register_profile("booktune", deadline=None)
settings.load_profile("booktune")
