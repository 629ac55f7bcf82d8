"""What is kept: the database, the index of vectors, the conversations."""
