"""What is told of the telling itself: reminders, addresses and webhooks that no longer work."""

from __future__ import annotations

from services.notifications.table.concerns import DRAFTERS, WATCHERS, endpoint_owner, the_person
from services.notifications.table.notice import Notice, Silence
from shared.contracts import notifications
from shared.contracts.notifications import Category
from shared.errors import Words

NOTICES: dict[type, Notice] = {
    notifications.DeadlineNear: Notice(
        category=Category.call_closing_soon,
        concerns=(
            WATCHERS,
            DRAFTERS,
        ),
        title=Words("Chiude entro {{ days_left }}: {{ title }}", "Closing within {{ days_left }}: {{ title }}"),
        body=Words(
            "Il bando «{{ title }}» ({{ issuer }}) sta per chiudere.\n{{ closing }}\n{{ url }}",
            "The call “{{ title }}” ({{ issuer }}) is about to close.\n{{ closing }}\n{{ url }}",
        ),
    ),
    notifications.EndpointDisabled: Notice(
        category=Category.delivery,
        concerns=(endpoint_owner,),
        title=Words("Webhook disattivato", "Webhook disabled"),
        body=Words(
            "A {{ url }} non si consegna più nulla: {% if reason == 'gone' %}l'indirizzo ha risposto "
            "che non esiste più (410){% else %}da cinque giorni nessuna consegna riesce{% endif %}.\n"
            "Quando è a posto, verificalo di nuovo: poi si può ripetere l'invio del periodo perso.",
            "Nothing is delivered to {{ url }} any more: {% if reason == 'gone' %}it answered that "
            "it is gone (410){% else %}no delivery has succeeded for five days{% endif %}.\n"
            "Once it is mended, verify it again: the lost period can then be replayed.",
        ),
    ),
    notifications.AddressSuppressed: Notice(
        category=Category.delivery,
        concerns=(the_person,),
        title=Words("Il tuo indirizzo e-mail è stato rifiutato", "Your e-mail address was refused"),
        body=Words(
            "Il server di posta ha rifiutato il tuo indirizzo e non ti scriviamo più via e-mail.\n"
            "{{ reason }}\n"
            "Se l'indirizzo funziona di nuovo, dillo nelle preferenze.",
            "The mail server refused your address, and we no longer write to you by e-mail.\n"
            "{{ reason }}\n"
            "If the address works again, say so in your preferences.",
        ),
    ),
}

SILENT: dict[type, Silence] = {
    notifications.NotificationDelivered: Silence("it tells of telling"),
    notifications.NotificationDeliveredV2: Silence("it tells of telling"),
    notifications.DeliveryFailed: Silence(
        "the owner is told when an endpoint is disabled, the person when an address is refused"
    ),
}
