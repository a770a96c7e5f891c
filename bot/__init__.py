"""The desk itself: one room per subject."""
