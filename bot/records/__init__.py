"""Records: what is kept, what is weeded by whose decision, and the list of what would go."""
