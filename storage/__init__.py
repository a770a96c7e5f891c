"""Tables and their queries, one noun per file; engine; migrations."""
