"""The models: the chat model, the encoder, where their files come from."""
