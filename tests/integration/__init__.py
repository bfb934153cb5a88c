"""Parts of the house on a real broker and a real database. Packages: what one starts is gone when the next begins."""
