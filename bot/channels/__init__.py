"""Channels: one file per platform, behind one small protocol."""
