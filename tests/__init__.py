"""The tests of the house: unit, contracts, integration, journeys, faults, compose."""
