"""A local workspace that answers as Slack does: for trial, for tests, for the demonstration."""
