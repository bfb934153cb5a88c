"""What is told of help, training and partner searches."""

from __future__ import annotations

from services.notifications.table.concerns import (
    AT_A_FIRST_SESSION,
    asker_of_what_others_closed,
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
    support.HelpClosed: Notice(
        category=Category.support,
        concerns=(asker_of_what_others_closed,),
        title=Words("Richiesta chiusa: {{ request }}", "Request closed: {{ request }}"),
        body=Words(
            "La richiesta «{{ request }}» è stata chiusa.\n"
            "{% if reopenable %}Se non è risolta, si può riaprire fino a {{ reopenable }}.{% endif %}",
            "The request “{{ request }}” has been closed.\n"
            "{% if reopenable %}If it is not settled, it can be reopened until {{ reopenable }}.{% endif %}",
        ),
    ),
    support.PartnerSearchOpened: Notice(
        category=Category.support,
        concerns=(partners_matched,),
        title=Words("Ricerca di partner: {{ call }}", "Partner search: {{ call }}"),
        body=Words(
            "{{ organisation }} {{ purpose }} per il bando «{{ call }}», e la tua organizzazione può essere adatta.\n"
            "{{ sought }}\n"
            "{{ about }}",
            "{{ organisation }} {{ purpose }} for the call “{{ call }}”, and your organisation may be a match.\n"
            "{{ sought }}\n"
            "{{ about }}",
        ),
    ),
    support.PartnerAnswered: Notice(
        category=Category.support,
        concerns=(search_author,),
        title=Words("Risposta alla ricerca di partner: {{ call }}", "Answer to the partner search: {{ call }}"),
        body=Words(
            "{{ answering }} risponde alla ricerca «{{ sought }}» per il bando «{{ call }}»:\n{{ words }}",
            "{{ answering }} answers the search “{{ sought }}” for the call “{{ call }}”:\n{{ words }}",
        ),
    ),
    support.PartnerFound: Notice(
        category=Category.support,
        concerns=(people_named,),
        title=Words("Partner trovato: {{ call }}", "Partner found: {{ call }}"),
        body=Words(
            "{{ organisation }} e {{ partner }} sono partner per il bando «{{ call }}» («{{ sought }}»): "
            "ora vedete come raggiungervi.",
            "{{ organisation }} and {{ partner }} are partners for the call “{{ call }}” (“{{ sought }}”): "
            "you now see how to reach each other.",
        ),
    ),
    support.PartnerDeclined: Notice(
        category=Category.support,
        concerns=(the_person,),
        title=Words("Proposta non accolta: {{ call }}", "Answer declined: {{ call }}"),
        body=Words(
            "{{ organisation }} non ha accolto la tua risposta alla ricerca «{{ sought }}» per il bando «{{ call }}».\n"
            "Motivo: {{ reason }}",
            "{{ organisation }} has declined your answer to the search “{{ sought }}” for the call “{{ call }}”.\n"
            "Reason: {{ reason }}",
        ),
    ),
    support.PartnerSearchEnded: Notice(
        category=Category.support,
        concerns=(people_named,),
        title=Words("Ricerca di partner conclusa: {{ call }}", "Partner search ended: {{ call }}"),
        body=Words(
            "La ricerca «{{ sought }}» di {{ organisation }} per il bando «{{ call }}» è conclusa.",
            "The search “{{ sought }}” of {{ organisation }} for the call “{{ call }}” has ended.",
        ),
    ),
    support.TrainingScheduled: Notice(
        category=Category.support,
        concerns=(AT_A_FIRST_SESSION,),
        title=Words("Formazione: {{ training }}", "Training: {{ training }}"),
        body=Words(
            "Si può partecipare a «{{ training }}» ({{ organiser }}).\n{{ series }}\n{{ starts }}\n{{ where }}",
            "Enrolment is open for “{{ training }}” ({{ organiser }}).\n{{ series }}\n{{ starts }}\n{{ where }}",
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
    support.SeatFreed: Silence("it is the person's own doing; who moves up is told"),
}
