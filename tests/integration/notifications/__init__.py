"""The notifications service, as it runs."""
