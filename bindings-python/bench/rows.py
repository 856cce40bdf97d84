"""The Python rows of BENCHMARKS.md.

Each row compares our time with that of a peer that does the same work. All rows except
row 5 assert first that both have the same result. Prints one JSON line per result;
``make bench`` collects the lines. Arguments select rows by number, for example
``rows.py 1 4``; without arguments all rows run.
"""

import sys

from documents import row_3
from import_time import row_5
from injections import row_6, row_7
from payloads import row_1, row_4
from responses import row_2

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
