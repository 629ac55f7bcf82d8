"""The chat model: a local one in a process of its own, or any OpenAI-compatible endpoint."""
