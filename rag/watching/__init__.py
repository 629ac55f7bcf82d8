"""Watches and corrections: what is told when an answer is no longer what it was."""
