"""Holding a statement against its sources."""
