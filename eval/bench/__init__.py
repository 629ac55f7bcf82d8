"""Benchmarks of speed: against other systems, over growing archives, under load."""
