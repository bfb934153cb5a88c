"""The same work, done in turn by the platform and by a peer of it."""
