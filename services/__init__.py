"""The rooms of the house: one bounded context each, and the gateway."""
