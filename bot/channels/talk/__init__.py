"""Comments on platforms: one file for each, behind ``bot.channels.conversation``."""
