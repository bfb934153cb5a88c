"""Support: help requests, training sessions and the search for partners."""
