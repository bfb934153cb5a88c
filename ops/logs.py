"""The logs of all parts as one stream, each line behind the coloured name of the part it comes from."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.text import Text

_COLOURS = ("cyan", "green", "yellow", "magenta", "blue", "bright_red", "bright_cyan", "bright_green", "bright_yellow")


class Followed:
    """One log file, read from where it stands now, also when it is rotated."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._partial = b""
        if path.exists():
            self._file = path.open("rb")
            self._file.seek(0, os.SEEK_END)

    def new_lines(self) -> list[str]:
        """The whole lines written since the last time."""
        read = self._read()
        if self._rotated():
            self._file = self._path.open("rb")
            read += self._read()
        *lines, self._partial = (self._partial + read).split(b"\n")
        return [line.decode(errors="replace") for line in lines]

    def _read(self) -> bytes:
        return self._file.read() if self._file else b""

    def _rotated(self) -> bool:
        try:
            current = self._path.stat().st_ino
        except FileNotFoundError:
            return False
        return self._file is None or os.fstat(self._file.fileno()).st_ino != current


class Stream:
    """Prints what is new in the logs of these parts."""

    def __init__(self, logs: Path, parts: Sequence[str], screen: Console) -> None:
        self._screen = screen
        self._width = max(len(part) for part in parts)
        self._followed = [
            (part, _COLOURS[number % len(_COLOURS)], Followed(logs / f"{part}.log"))
            for number, part in enumerate(parts)
        ]

    def print_new(self) -> None:
        for part, colour, log in self._followed:
            for line in filter(str.strip, log.new_lines()):
                prefix = (f"{part:<{self._width}} │ ", colour)
                self._screen.print(Text.assemble(prefix, Text.from_ansi(line)), soft_wrap=True)
