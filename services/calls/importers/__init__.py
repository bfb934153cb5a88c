"""The sources calls come from. A new source is one module with its `IMPORTER`, and its line here."""

from services.calls.importers import emilia_romagna
from services.calls.importers.reading import BrokenRecord, Document, Importer, Reading

IMPORTERS: dict[str, Importer] = {importer.source: importer for importer in (emilia_romagna.IMPORTER,)}

__all__ = ["IMPORTERS", "BrokenRecord", "Document", "Importer", "Reading"]
