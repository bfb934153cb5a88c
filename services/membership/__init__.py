"""Membership: organisations, the people in them, and the ways in."""
