"""What is told of applications to calls, rankings and awards."""

from __future__ import annotations

from services.notifications.table.concerns import (
    evaluators,
    panel,
    people_of_application,
    ranked,
    staff,
    staff_that_has_it,
)
from services.notifications.table.notice import Notice, Silence
from shared.contracts import calls
from shared.contracts.notifications import Category
from shared.errors import Words

NOTICES: dict[type, Notice] = {
    calls.ApplicationRegistered: Notice(
        category=Category.application,
        concerns=(people_of_application,),
        title=Words("Domanda protocollata: {{ application }}", "Application registered: {{ application }}"),
        body=Words(
            "La domanda «{{ application }}» per il bando «{{ call }}» è protocollata con il numero {{ protocol }}.",
            "The application “{{ application }}” to the call “{{ call }}” is registered under the "
            "number {{ protocol }}.",
        ),
    ),
    calls.IntegrationRequested: Notice(
        category=Category.integration_requested,
        concerns=(people_of_application,),
        title=Words("Integrazione richiesta: {{ application }}", "Addition requested: {{ application }}"),
        body=Words(
            "Per la domanda «{{ application }}» ({{ call }}) va integrato entro {{ due }}:\n{{ message }}",
            "The application “{{ application }}” ({{ call }}) must be completed by {{ due }}:\n{{ message }}",
        ),
    ),
    calls.IntegrationAnswered: Notice(
        category=Category.application,
        concerns=(staff,),
        title=Words("Integrazione ricevuta: {{ application }}", "Addition received: {{ application }}"),
        body=Words(
            "{{ organisation }} ha integrato la domanda «{{ application }}» per il bando «{{ call }}».",
            "{{ organisation }} has completed its application “{{ application }}” to the call “{{ call }}”.",
        ),
    ),
    calls.IntegrationLapsed: Notice(
        category=Category.application,
        concerns=(
            people_of_application,
            staff,
        ),
        title=Words("Integrazione non arrivata: {{ application }}", "Addition not received: {{ application }}"),
        body=Words(
            "Quanto richiesto per la domanda «{{ application }}» ({{ call }}) non è arrivato in tempo.",
            "What was requested for the application “{{ application }}” ({{ call }}) did not come in time.",
        ),
    ),
    calls.ApplicationFoundIneligible: Notice(
        category=Category.application,
        concerns=(people_of_application,),
        title=Words("Domanda non ammissibile: {{ application }}", "Application not eligible: {{ application }}"),
        body=Words(
            "La domanda «{{ application }}» per il bando «{{ call }}» non è ammissibile.\nMotivo: {{ reason }}",
            "The application “{{ application }}” to the call “{{ call }}” is not eligible.\nReason: {{ reason }}",
        ),
    ),
    calls.ApplicationAdmittedToEvaluation: Notice(
        category=Category.application,
        concerns=(
            people_of_application,
            evaluators,
        ),
        title=Words("Domanda in valutazione: {{ application }}", "Application under evaluation: {{ application }}"),
        body=Words(
            "La domanda «{{ application }}» per il bando «{{ call }}» è ammessa alla valutazione.",
            "The application “{{ application }}” to the call “{{ call }}” is admitted to evaluation.",
        ),
    ),
    calls.ApplicationWithdrawn: Notice(
        category=Category.application,
        concerns=(staff_that_has_it,),
        title=Words("Domanda ritirata: {{ application }}", "Application withdrawn: {{ application }}"),
        body=Words(
            "{{ organisation }} ha ritirato la domanda «{{ application }}» per il bando «{{ call }}».\n"
            "{% if reason %}Motivo: {{ reason }}{% endif %}",
            "{{ organisation }} has withdrawn its application “{{ application }}” to the call “{{ call }}”.\n"
            "{% if reason %}Reason: {{ reason }}{% endif %}",
        ),
    ),
    calls.DraftExpired: Notice(
        category=Category.application,
        concerns=(people_of_application,),
        title=Words("Bozza scaduta: {{ application }}", "Draft expired: {{ application }}"),
        body=Words(
            "Il bando «{{ call }}» si è chiuso prima che la domanda «{{ application }}» fosse presentata.",
            "The call “{{ call }}” has closed before the application “{{ application }}” was handed in.",
        ),
    ),
    calls.EvaluatorsAppointed: Notice(
        category=Category.application,
        concerns=(panel,),
        title=Words("Commissione di valutazione: {{ call }}", "Evaluation panel: {{ call }}"),
        body=Words(
            "La commissione del bando «{{ call }}» è nominata e ne fai parte.",
            "The panel of the call “{{ call }}” is appointed, and you are a member.",
        ),
    ),
    calls.EvaluationUnsealed: Notice(
        category=Category.application,
        concerns=(
            staff,
            evaluators,
        ),
        title=Words("Valutazione completa: {{ title }}", "Evaluation complete: {{ title }}"),
        body=Words(
            "Tutti i punteggi della domanda «{{ title }}» sono stati dati.",
            "Every score of the application “{{ title }}” has been given.",
        ),
    ),
    calls.RankingPublished: Notice(
        category=Category.ranking,
        concerns=(ranked,),
        title=Words("Graduatoria: {{ call }}", "Ranking: {{ call }}"),
        body=Words(
            "La graduatoria del bando «{{ call }}» è pubblicata.\nConcessi in tutto: {{ granted }}.",
            "The ranking of the call “{{ call }}” is published.\nGranted in all: {{ granted }}.",
        ),
    ),
    calls.AwardGranted: Notice(
        category=Category.ranking,
        concerns=(people_of_application,),
        title=Words("Contributo concesso: {{ application }}", "Grant awarded: {{ application }}"),
        body=Words(
            "{% if moved_up %}Si sono liberate risorse.{% endif %}\n"
            "Alla domanda «{{ application }}» ({{ call }}) è concesso un contributo di {{ amount }}.",
            "{% if moved_up %}Funds have become available.{% endif %}\n"
            "The application “{{ application }}” ({{ call }}) is granted {{ amount }}.",
        ),
    ),
    calls.AwardRevoked: Notice(
        category=Category.ranking,
        concerns=(people_of_application,),
        title=Words("Contributo revocato: {{ application }}", "Grant revoked: {{ application }}"),
        body=Words(
            "Il contributo di {{ amount }} alla domanda «{{ application }}» ({{ call }}) è revocato.\n"
            "Motivo: {{ reason }}",
            "The grant of {{ amount }} to the application “{{ application }}” ({{ call }}) is revoked.\n"
            "Reason: {{ reason }}",
        ),
    ),
    calls.AwardRenounced: Notice(
        category=Category.ranking,
        concerns=(staff,),
        title=Words("Rinuncia al contributo: {{ application }}", "Grant renounced: {{ application }}"),
        body=Words(
            "{{ organisation }} rinuncia al contributo di {{ amount }} per la domanda «{{ "
            "application }}» ({{ call }}).\n"
            "{% if reason %}Motivo: {{ reason }}{% endif %}",
            "{{ organisation }} renounces the grant of {{ amount }} for the application “{{ "
            "application }}” ({{ call }}).\n"
            "{% if reason %}Reason: {{ reason }}{% endif %}",
        ),
    ),
}

SILENT: dict[type, Silence] = {
    calls.ApplicationDrafted: Silence("its author knows; it is remembered for the reminders"),
    calls.ApplicationSubmitted: Silence("it is told a moment later, with its protocol number"),
}
