UPDATE revision SET language = language_of(text) WHERE language IS NULL;
