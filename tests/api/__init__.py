"""The API as other systems and signed-in people use it."""
