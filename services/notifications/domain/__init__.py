"""The rules of notifications: whom an event concerns, by which way each is told, and what becomes of each message."""
