"""What the HTTP API takes and returns, as pydantic models: the source of its OpenAPI."""
