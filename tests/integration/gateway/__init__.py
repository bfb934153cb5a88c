"""The gateway, as it runs."""
