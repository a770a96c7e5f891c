"""The delivery room: keeps the promises of the outbox."""
