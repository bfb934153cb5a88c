"""The policy service, as it runs."""
