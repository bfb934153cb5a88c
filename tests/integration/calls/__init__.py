"""The calls service, as it runs."""
