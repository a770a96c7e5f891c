"""Local platforms: each vendor's interface in small, with its way of saying no, beside the workspace."""
