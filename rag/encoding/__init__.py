"""Texts to vectors: what runs an embedding model, and what remembers its work."""
