"""The operator's command line behind `./hub`: what runs, watches, fills and checks the platform."""
