"""What an operator does with dead letters, in a process of its own.

python -m tests.faults.dead_letter_desk URI list|replay|discard SERVICE [LETTER]
"""

from __future__ import annotations

import json
import sys

from kombu import Connection

from shared.messaging.dead_letters import DeadLetters


def main(uri: str, what: str, service: str, letter: str | None = None) -> object:
    with Connection(uri) as connection:
        letters = DeadLetters(connection, service)
        if what == "list":
            return [vars(letter) | {"body": letter.body.hex()} for letter in letters.list()]
        return letters.replay(letter) if what == "replay" else letters.discard(letter)


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
