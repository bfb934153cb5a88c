"""Notifications: what matters to each person, told once."""
