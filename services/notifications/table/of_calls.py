"""What is told of calls, their reminders and their sources."""

from __future__ import annotations

from services.notifications.table.concerns import DRAFTERS, INTERESTED, SEARCHERS, WATCHERS, staff
from services.notifications.table.notice import Notice, Silence
from shared.contracts import calls
from shared.contracts.notifications import Category
from shared.errors import Words

NOTICES: dict[type, Notice] = {
    calls.CallPublished: Notice(
        category=Category.saved_search,
        concerns=(SEARCHERS,),
        title=Words("Nuovo bando: {{ call }}", "New call: {{ call }}"),
        body=Words(
            "È stato pubblicato il bando «{{ call }}» ({{ issuer }}).\n{{ closing }}\n{{ summary }}\n{{ url }}",
            "The call “{{ call }}” ({{ issuer }}) has been published.\n{{ closing }}\n{{ summary }}\n{{ url }}",
        ),
    ),
    calls.CallOpened: Notice(
        category=Category.call_opened,
        concerns=(
            INTERESTED,
            WATCHERS,
            SEARCHERS,
        ),
        title=Words("Si apre il bando: {{ call }}", "Call open: {{ call }}"),
        body=Words(
            "È aperto il bando «{{ call }}» ({{ issuer }}).\n{{ closing }}\n{{ summary }}\n{{ url }}",
            "The call “{{ call }}” ({{ issuer }}) is open.\n{{ closing }}\n{{ summary }}\n{{ url }}",
        ),
    ),
    calls.CallAmended: Notice(
        category=Category.call_amended,
        concerns=(
            WATCHERS,
            DRAFTERS,
            SEARCHERS,
        ),
        title=Words("Bando modificato: {{ call }}", "Call amended: {{ call }}"),
        body=Words(
            "Nel bando «{{ call }}» ({{ issuer }}) è cambiato:\n{{ changes }}\n{{ url }}",
            "In the call “{{ call }}” ({{ issuer }}) this has changed:\n{{ changes }}\n{{ url }}",
        ),
    ),
    calls.DeadlineExtended: Notice(
        category=Category.deadline_extended,
        concerns=(
            WATCHERS,
            DRAFTERS,
        ),
        title=Words("Scadenza prorogata: {{ call }}", "Deadline extended: {{ call }}"),
        body=Words(
            "C'è più tempo per il bando «{{ call }}» ({{ issuer }}).\n"
            "Nuova scadenza: {{ after }}.\n"
            "Prima era: {{ before }}.\n"
            "{{ url }}",
            "There is more time for the call “{{ call }}” ({{ issuer }}).\n"
            "New deadline: {{ after }}.\n"
            "It was: {{ before }}.\n"
            "{{ url }}",
        ),
    ),
    calls.CallSuspended: Notice(
        category=Category.call_suspended,
        concerns=(
            WATCHERS,
            DRAFTERS,
        ),
        title=Words("Bando sospeso: {{ call }}", "Call suspended: {{ call }}"),
        body=Words(
            "Il bando «{{ call }}» ({{ issuer }}) è sospeso.\nMotivo: {{ reason }}\n{{ url }}",
            "The call “{{ call }}” ({{ issuer }}) is suspended.\nReason: {{ reason }}\n{{ url }}",
        ),
    ),
    calls.CallResumed: Notice(
        category=Category.call_resumed,
        concerns=(
            WATCHERS,
            DRAFTERS,
        ),
        title=Words("Il bando riprende: {{ call }}", "Call resumed: {{ call }}"),
        body=Words(
            "Il bando «{{ call }}» ({{ issuer }}) non è più sospeso.\n{{ closing }}\n{{ url }}",
            "The call “{{ call }}” ({{ issuer }}) is no longer suspended.\n{{ closing }}\n{{ url }}",
        ),
    ),
    calls.CallWithdrawn: Notice(
        category=Category.call_withdrawn,
        concerns=(
            WATCHERS,
            DRAFTERS,
        ),
        title=Words("Bando ritirato: {{ call }}", "Call withdrawn: {{ call }}"),
        body=Words(
            "Il bando «{{ call }}» ({{ issuer }}) è stato ritirato.\nMotivo: {{ reason }}\n{{ url }}",
            "The call “{{ call }}” ({{ issuer }}) has been withdrawn.\nReason: {{ reason }}\n{{ url }}",
        ),
    ),
    calls.SourceFailing: Notice(
        category=Category.operations,
        concerns=(staff,),
        title=Words("Fonte in errore: {{ title }}", "Source failing: {{ title }}"),
        body=Words(
            "La fonte di bandi «{{ title }}» non risponde come deve: {{ failures }} volte di seguito.\n"
            "Causa: {{ cause }}\n"
            "{{ url }}",
            "The source of calls “{{ title }}” does not answer as it should: {{ failures }} times in a row.\n"
            "Cause: {{ cause }}\n"
            "{{ url }}",
        ),
    ),
}

SILENT: dict[type, Silence] = {
    calls.CallClosingSoon: Silence("the reminders before a deadline tell it, to the same people"),
    calls.CallClosed: Silence("who applied hears of the outcome, who did not was reminded before"),
}
