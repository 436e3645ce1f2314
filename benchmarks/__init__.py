"""What is fast and what is not, against what, and how near the machine's limit.

Every module has `rows(effort)`. Each checks the answer before it believes the time.
"""

import os

# One thread each, and NumPy as the processor suits it best; read when NumPy is first imported.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
for setting in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(setting, None)
