"""Readers: one module a format, and the child process that they run in."""
