"""The membership service, as it runs."""
