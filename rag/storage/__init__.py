"""What the archive and its index of vectors are made of, and what keeps them whole."""
