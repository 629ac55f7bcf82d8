"""The checks by which a statement is held against its sources."""
