"""Cards: pure functions, data in, blocks and full plain text out."""
