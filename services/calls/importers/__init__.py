"""The formats in which calls come. A new one is a module with its `IMPORTER`, and its name here."""

from services.calls.importers import emilia_romagna, eu_funding_tenders, feed, incentivi_gov_it
from services.calls.importers.reading import BrokenRecord, Document, Enquiry, Importer, Reading, SoFar, what_is_wrong

IMPORTERS: dict[str, Importer] = {
    module.IMPORTER.format: module.IMPORTER for module in (emilia_romagna, incentivi_gov_it, eu_funding_tenders, feed)
}

__all__ = ["IMPORTERS", "BrokenRecord", "Document", "Enquiry", "Importer", "Reading", "SoFar", "what_is_wrong"]
