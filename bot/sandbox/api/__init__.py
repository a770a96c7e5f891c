"""The Web API: one function per method, entered in a table with its scopes and its tier."""
