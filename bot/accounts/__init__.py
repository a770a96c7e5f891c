"""Accounts: application, two decisions, register."""
