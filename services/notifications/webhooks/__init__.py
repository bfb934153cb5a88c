"""Webhooks: the hub's events, posted where organisations and people ask for them."""
