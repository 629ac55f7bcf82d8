"""Sources that differ: found, classed, and shown side by side."""
