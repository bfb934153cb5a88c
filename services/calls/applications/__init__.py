"""Applications for the grants of the hub's own calls: from draft to award."""
