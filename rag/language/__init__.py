"""What a text says, read by rules: words, names, numbers, days, speakers."""
