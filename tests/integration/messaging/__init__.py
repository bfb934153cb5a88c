"""The foundation's messaging, on a real broker."""
