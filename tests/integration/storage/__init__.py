"""The foundation's storage, on a real database."""
