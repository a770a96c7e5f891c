"""The Slack surface: who clicked what, and what they see."""
