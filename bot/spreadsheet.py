"""CSV as a Swedish spreadsheet reads it: semicolons, and no cell that becomes a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

# What a spreadsheet takes for a formula when it stands first in a cell.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def text(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The whole file; write it as UTF-8 with a byte order mark."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def harmless(cell: str) -> str:
    """The text, with a leading apostrophe where a spreadsheet would calculate it."""
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(FORMULA) else cell
