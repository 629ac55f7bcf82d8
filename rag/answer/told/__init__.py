"""Answers that code puts together from the sources' own sentences."""
