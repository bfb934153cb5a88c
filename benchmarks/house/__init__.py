"""The platform's side of the comparisons: small services, written as every service of the house is."""
