"""Warnings from outside: what others warn of becomes a proposal in Slack, and never more than that."""
