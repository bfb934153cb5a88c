"""What is told of help, training and partner searches."""

from __future__ import annotations

from services.notifications.table.concerns import (
    INTERESTED,
    assigned,
    partners_matched,
    people_named,
    search_author,
    support_staff,
    the_person,
)
from services.notifications.table.notice import Notice, Silence
from shared.contracts import support
from shared.contracts.notifications import Category
from shared.errors import Words

NOTICES: dict[type, Notice] = {
    support.HelpRequested: Notice(
        category=Category.support,
        concerns=(support_staff,),
        title=Words("Richiesta di aiuto: {{ request }}", "Help requested: {{ request }}"),
        body=Words(
            "{{ organisation }} chiede aiuto: «{{ request }}».\n{{ words }}",
            "{{ organisation }} asks for help: “{{ request }}”.\n{{ words }}",
        ),
    ),
    support.HelpAssigned: Notice(
        category=Category.support,
        concerns=(assigned,),
        title=Words("Richiesta affidata: {{ request }}", "Request assigned: {{ request }}"),
        body=Words(
            "La richiesta «{{ request }}» di {{ organisation }} è affidata alla tua organizzazione.",
            "The request “{{ request }}” of {{ organisation }} is assigned to your organisation.",
        ),
    ),
    support.HelpAnswered: Notice(
        category=Category.support,
        concerns=(the_person,),
        title=Words("Risposta: {{ request }}", "Answer: {{ request }}"),
        body=Words(
            "C'è una risposta alla richiesta «{{ request }}»:\n{{ words }}",
            "There is an answer to the request “{{ request }}”:\n{{ words }}",
        ),
    ),
    support.HelpMessageSent: Notice(
        category=Category.support,
        concerns=(assigned,),
        title=Words("Nuovo messaggio: {{ request }}", "New message: {{ request }}"),
        body=Words(
            "{{ organisation }} ha scritto ancora sulla richiesta «{{ request }}»:\n{{ words }}",
            "{{ organisation }} has written again about the request “{{ request }}”:\n{{ words }}",
        ),
    ),
    support.HelpReopened: Notice(
        category=Category.support,
        concerns=(assigned,),
        title=Words("Richiesta riaperta: {{ request }}", "Request reopened: {{ request }}"),
        body=Words(
            "La richiesta «{{ request }}» di {{ organisation }} è riaperta:\n{{ words }}",
            "The request “{{ request }}” of {{ organisation }} is reopened:\n{{ words }}",
        ),
    ),
    support.PartnerSearchOpened: Notice(
        category=Category.support,
        concerns=(partners_matched,),
        title=Words("Ricerca di partner: {{ call }}", "Partner search: {{ call }}"),
        body=Words(
            "{{ organisation }} cerca o offre un ruolo per il bando «{{ call }}»: la tua "
            "organizzazione può essere adatta.",
            "{{ organisation }} seeks or offers a part for the call “{{ call }}”: your organisation may be a match.",
        ),
    ),
    support.PartnerAnswered: Notice(
        category=Category.support,
        concerns=(search_author,),
        title=Words("Risposta alla ricerca di partner: {{ call }}", "Answer to the partner search: {{ call }}"),
        body=Words(
            "{{ answering }} risponde alla ricerca di partner per il bando «{{ call }}»:\n{{ words }}",
            "{{ answering }} answers the partner search for the call “{{ call }}”:\n{{ words }}",
        ),
    ),
    support.PartnerFound: Notice(
        category=Category.support,
        concerns=(people_named,),
        title=Words("Partner trovato: {{ call }}", "Partner found: {{ call }}"),
        body=Words(
            "Per il bando «{{ call }}» avete trovato un partner: ora vedete come raggiungervi.",
            "For the call “{{ call }}” you have found a partner: you now see how to reach each other.",
        ),
    ),
    support.PartnerDeclined: Notice(
        category=Category.support,
        concerns=(the_person,),
        title=Words("Proposta non accolta: {{ call }}", "Answer declined: {{ call }}"),
        body=Words(
            "La tua risposta alla ricerca di partner per il bando «{{ call }}» non è stata accolta.\n"
            "Motivo: {{ reason }}",
            "Your answer to the partner search for the call “{{ call }}” was declined.\nReason: {{ reason }}",
        ),
    ),
    support.PartnerSearchEnded: Notice(
        category=Category.support,
        concerns=(people_named,),
        title=Words("Ricerca di partner conclusa: {{ call }}", "Partner search ended: {{ call }}"),
        body=Words(
            "La ricerca di partner per il bando «{{ call }}» è conclusa.",
            "The partner search for the call “{{ call }}” has ended.",
        ),
    ),
    support.TrainingScheduled: Notice(
        category=Category.support,
        concerns=(INTERESTED,),
        title=Words("Formazione: {{ training }}", "Training: {{ training }}"),
        body=Words(
            "Si può partecipare a «{{ training }}» ({{ organiser }}).\n{{ starts }}\n{{ where }}",
            "Enrolment is open for “{{ training }}” ({{ organiser }}).\n{{ starts }}\n{{ where }}",
        ),
    ),
    support.TrainingChanged: Notice(
        category=Category.support,
        concerns=(people_named,),
        title=Words("Cambia la formazione: {{ training }}", "Training changed: {{ training }}"),
        body=Words(
            "«{{ training }}» è cambiata: {{ changed }}.\n{{ starts }}\n{{ where }}",
            "“{{ training }}” has changed: {{ changed }}.\n{{ starts }}\n{{ where }}",
        ),
    ),
    support.TrainingCancelled: Notice(
        category=Category.support,
        concerns=(people_named,),
        title=Words("Formazione annullata: {{ training }}", "Training cancelled: {{ training }}"),
        body=Words(
            "«{{ training }}» non si tiene.\nMotivo: {{ reason }}",
            "“{{ training }}” is not held.\nReason: {{ reason }}",
        ),
    ),
    support.MaterialAdded: Notice(
        category=Category.support,
        concerns=(people_named,),
        title=Words("Nuovi materiali: {{ training }}", "New materials: {{ training }}"),
        body=Words(
            "Per «{{ training }}» c'è un nuovo materiale: {{ material }}.",
            "There is new material for “{{ training }}”: {{ material }}.",
        ),
    ),
    support.SeatConfirmed: Notice(
        category=Category.support,
        concerns=(the_person,),
        title=Words("Posto confermato: {{ training }}", "Seat confirmed: {{ training }}"),
        body=Words(
            "{% if moved_up %}Si è liberato un posto.{% endif %}\nHai un posto per «{{ training }}».\n"
            "{{ starts }}\n{{ where }}",
            "{% if moved_up %}A seat has become free.{% endif %}\nYou have a seat for “{{ training }}”.\n"
            "{{ starts }}\n{{ where }}",
        ),
    ),
    support.WaitingListJoined: Notice(
        category=Category.support,
        concerns=(the_person,),
        title=Words("In lista d'attesa: {{ training }}", "On the waiting list: {{ training }}"),
        body=Words(
            "I posti per «{{ training }}» sono esauriti: sei in lista d'attesa al numero {{ position }}.",
            "The seats for “{{ training }}” are taken: you are number {{ position }} on the waiting list.",
        ),
    ),
    support.AttendanceConfirmed: Notice(
        category=Category.support,
        concerns=(the_person,),
        title=Words("Attestato di partecipazione: {{ training }}", "Certificate of attendance: {{ training }}"),
        body=Words(
            "L'attestato di partecipazione a «{{ training }}» è pronto.",
            "The certificate of attendance for “{{ training }}” is ready.",
        ),
    ),
}

SILENT: dict[type, Silence] = {
    support.HelpClosed: Silence("who asked has said so, or was content"),
    support.SeatFreed: Silence("it is the person's own doing; who moves up is told"),
}
