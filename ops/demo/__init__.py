"""The demo hub: what `./hub up` loads into an empty platform."""

EDITOR = "redazione@art-er.example"
