"""The published language of the hub: what crosses a border between services is declared here, once.

One module (or package of modules) per service holds its events, its operations and the shapes they carry;
`vocabulary` holds the closed lists; `declaration` turns a frozen dataclass into a contract.
"""
