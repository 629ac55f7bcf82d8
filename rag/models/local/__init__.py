"""The server of a local chat model, in a process of its own."""
