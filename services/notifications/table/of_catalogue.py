"""What is told of catalogue items, requests for access and matches."""

from __future__ import annotations

from services.notifications.table.concerns import (
    SEARCHERS,
    addressed_side,
    item_owners,
    other_side,
    owners_to_tell,
    owning_side,
    support_staff,
    the_person,
)
from services.notifications.table.notice import Notice, Silence
from shared.contracts import catalogue
from shared.contracts.notifications import Category
from shared.errors import Words

NOTICES: dict[type, Notice] = {
    catalogue.ItemSubmitted: Notice(
        category=Category.catalogue,
        concerns=(support_staff,),
        title=Words("Da rivedere: {{ item }}", "To be reviewed: {{ item }}"),
        body=Words(
            "{{ owner }} propone per il catalogo «{{ item }}».\n{{ description }}",
            "{{ owner }} submits “{{ item }}” to the catalogue.\n{{ description }}",
        ),
    ),
    catalogue.ItemReturned: Notice(
        category=Category.catalogue,
        concerns=(item_owners,),
        title=Words("Da modificare: {{ item }}", "To be changed: {{ item }}"),
        body=Words(
            "Per pubblicare «{{ item }}» sono richieste modifiche:\n{{ remarks }}",
            "Changes are requested before “{{ item }}” can be published:\n{{ remarks }}",
        ),
    ),
    catalogue.ItemPublished: Notice(
        category=Category.saved_search,
        concerns=(SEARCHERS,),
        title=Words("Nuovo in catalogo: {{ item }}", "New in the catalogue: {{ item }}"),
        body=Words(
            "{{ owner }} ha pubblicato «{{ item }}».\n{{ description }}",
            "{{ owner }} has published “{{ item }}”.\n{{ description }}",
        ),
    ),
    catalogue.ItemUpdated: Notice(
        category=Category.saved_search,
        concerns=(SEARCHERS,),
        title=Words("Nel catalogo: {{ item }}", "In the catalogue: {{ item }}"),
        body=Words(
            "{{ owner }} ha aggiornato «{{ item }}», che ora risponde alla tua ricerca.\n{{ description }}",
            "{{ owner }} has updated “{{ item }}”, which your search finds now.\n{{ description }}",
        ),
    ),
    catalogue.ItemConfirmationDue: Notice(
        category=Category.catalogue,
        concerns=(item_owners,),
        title=Words("Ancora attuale? {{ item }}", "Still valid? {{ item }}"),
        body=Words(
            "«{{ item }}» non è stato toccato da un anno: confermalo, aggiornalo o ritiralo.",
            "“{{ item }}” was not touched for a year: confirm it, update it or take it out.",
        ),
    ),
    catalogue.AccessRequested: Notice(
        category=Category.access,
        concerns=(item_owners,),
        title=Words("Richiesta di accesso: {{ item }}", "Access requested: {{ item }}"),
        body=Words(
            "{{ requester }} chiede di usare «{{ item }}»:\n{{ words }}",
            "{{ requester }} asks to use “{{ item }}”:\n{{ words }}",
        ),
    ),
    catalogue.AccessAnswered: Notice(
        category=Category.access,
        concerns=(the_person,),
        title=Words(
            "{% if accepted %}Accesso accordato{% else %}Accesso non accordato{% endif %}: {{ item }}",
            "{% if accepted %}Access granted{% else %}Access declined{% endif %}: {{ item }}",
        ),
        body=Words(
            "{{ owner }} {% if accepted %}ha accolto{% else %}non ha accolto{% endif %} la richiesta "
            "di usare «{{ item }}».\n"
            "{{ words }}\n"
            "{% if reason %}Motivo: {{ reason }}{% endif %}",
            "{{ owner }} {% if accepted %}has accepted{% else %}has declined{% endif %} the request "
            "to use “{{ item }}”.\n"
            "{{ words }}\n"
            "{% if reason %}Reason: {{ reason }}{% endif %}",
        ),
    ),
    catalogue.AccessMessageSent: Notice(
        category=Category.access,
        concerns=(addressed_side,),
        title=Words("Messaggio su «{{ item }}»", "Message about “{{ item }}”"),
        body=Words(
            "{% if sender %}{{ sender }} scrive{% else %}C'è un messaggio{% endif %} "
            "sulla richiesta di accesso a «{{ item }}»:\n{{ words }}",
            "{% if sender %}{{ sender }} writes{% else %}There is a message{% endif %} "
            "about the request for access to “{{ item }}”:\n{{ words }}",
        ),
    ),
    catalogue.AccessCompleted: Notice(
        category=Category.access,
        concerns=(the_person,),
        title=Words("Com'è andata? {{ item }}", "How was it? {{ item }}"),
        body=Words(
            "L'accesso a «{{ item }}» è concluso: puoi dire com'è andata.",
            "The access to “{{ item }}” is completed: you may say how it was.",
        ),
    ),
    catalogue.AccessCancelled: Notice(
        category=Category.access,
        concerns=(other_side,),
        title=Words("Richiesta annullata: {{ item }}", "Request cancelled: {{ item }}"),
        body=Words(
            "La richiesta di accesso a «{{ item }}» è annullata{% if by %} da {{ by }}{% endif %}.\n"
            "{% if reason %}Motivo: {{ reason }}{% endif %}",
            "The request for access to “{{ item }}” is cancelled{% if by %} by {{ by }}{% endif %}.\n"
            "{% if reason %}Reason: {{ reason }}{% endif %}",
        ),
    ),
    catalogue.AccessRated: Notice(
        category=Category.access,
        concerns=(owning_side,),
        title=Words("Valutazione di «{{ item }}»: {{ stars }}", "Rating of “{{ item }}”: {{ stars }}"),
        body=Words(
            "{% if requester %}{{ requester }} ha usato «{{ item }}» e{% else %}Chi ha usato «{{ item }}»{% endif %} "
            "dice: {{ stars }}\n{{ rating }}",
            "{% if requester %}{{ requester }} has used “{{ item }}” and{% else %}Who used “{{ item }}”{% endif %} "
            "says: {{ stars }}\n{{ rating }}",
        ),
    ),
    catalogue.OffersMatched: Notice(
        category=Category.offers,
        concerns=(owners_to_tell,),
        title=Words("Le vostre offerte per il bando: {{ call }}", "Your offers for the call: {{ call }}"),
        body=Words(
            "Le offerte del catalogo che possono aiutare chi partecipa al bando «{{ call }}» ({{ "
            "issuer }}):\n"
            "{{ offers }}\n"
            "{{ url }}",
            "The offers of the catalogue that can help applicants to the call “{{ call }}” ({{ issuer }}):\n"
            "{{ offers }}\n"
            "{{ url }}",
        ),
    ),
}

SILENT: dict[type, Silence] = {
    catalogue.ItemUnpublished: Silence("it is the owner's doing, or follows a suspension that was told"),
    catalogue.ItemRetired: Silence("it is the owner's own doing"),
}
