"""A small municipality to try the desk in, and a player that tries it by itself."""
