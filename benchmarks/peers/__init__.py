"""What the platform is compared with: written as its documentation would have it, with its default configuration."""
