"""Sources that differ: found, classed, shown."""
