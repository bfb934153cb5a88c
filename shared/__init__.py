"""What every service of the hub stands on. Knows no service."""
