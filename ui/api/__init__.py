"""The doors: HTTP API, OpenAI-compatible endpoint, MCP, citation addresses; each only translates.

`ui.api.service` is the one function below all of them.
"""
