"""Dagens läge: what waits, who answers today, and what is ahead; to the department, units and people."""
