"""The monthly report: figures measured daily, the numbers of a month, and their three faces."""
