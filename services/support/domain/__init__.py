"""The rules of support: who answers, who sits, who finds whom. Pure: no I/O, no clock."""
