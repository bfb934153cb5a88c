"""Public calls: drafted here or aggregated from the sources, published, opened and closed on time."""
