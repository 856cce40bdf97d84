"""The Python rows of BENCHMARKS.md.

Each is a ratio of two sides that do the same work to the same result, which is asserted first.
Prints a JSON line a row; ``make bench`` gathers them. Names of rows as arguments run only those.
"""

import sys

from answers import row_2
from documents import row_3
from injections import row_6, row_7
from payloads import row_1, row_4
from starting import row_5

ROWS = {
    "1": row_1,
    "2": row_2,
    "3": row_3,
    "4": row_4,
    "5": row_5,
    "6": row_6,
    "7": row_7,
}
for name, row in ROWS.items():
    if name in sys.argv[1:] or not sys.argv[1:]:
        row()
