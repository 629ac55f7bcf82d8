"""From a file or an address to a stored article."""
