"""The documents of notifications, their indexes, and the questions asked of them."""
