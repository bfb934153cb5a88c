"""The gateway: HTTP on one side, operations on the other. It holds a table of routes and no business rule."""
