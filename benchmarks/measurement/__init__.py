"""What every benchmark stands on: servers of its own, load, and figures that say how far they scatter."""
