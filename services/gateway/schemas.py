"""JSON Schemas of the contracts, for the documents the gateway gives: made by apispec from the marshmallow schemas.

What a caller sends and what it gets back are different schemas where they share a dataclass: an input refuses unknown
fields (`…Input`), an answer may gain fields in a later version.
"""

from __future__ import annotations

import warnings
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import RAISE, Schema, fields

from shared.contracts.declaration import OperationContract, Shape

OPENAPI = "3.1.0"


class ContractSchemas:
    """Collects the components of one document. `openapi` is the version of OpenAPI the schemas are written for."""

    def __init__(self, title: str, version: str, openapi: str = OPENAPI, **options: Any) -> None:
        self._plugin = MarshmallowPlugin(schema_name_resolver=_name)
        self.spec = APISpec(title, version, openapi, plugins=[self._plugin], **options)
        converter = self._plugin.converter
        assert converter is not None
        self._converter = converter
        converter.add_attribute_function(_anything)

    def of_field(self, contract: OperationContract, name: str) -> dict[str, Any]:
        """The schema of one input field of an operation."""
        return self._converter.field2property(contract.shape.strict.fields[name])

    def of_parameter(self, contract: OperationContract, name: str) -> dict[str, Any]:
        """The schema of an input field that comes in the address: where it is optional it is left out, never null."""
        schema = self.of_field(contract, name)
        if schema.get("default", ...) is None:
            del schema["default"]
        if "enum" in schema:
            schema["enum"] = [choice for choice in schema["enum"] if choice is not None]
        if isinstance(schema.get("type"), list):
            schema["type"] = next(kind for kind in schema["type"] if kind != "null")
        schema.pop("nullable", None)
        return schema

    def of_input(self, contract: OperationContract, names: frozenset[str]) -> dict[str, Any]:
        """The schema of these input fields of an operation, as one object."""
        required = self.required(contract, names)
        return {
            "type": "object",
            "properties": {name: self.of_field(contract, name) for name in _in_order(contract, names)},
            **({"required": required} if required else {}),  # OpenAPI 3.0 allows no empty list
            "additionalProperties": False,
        }

    def of_answer(self, contract: OperationContract) -> dict[str, Any]:
        """The schema of an operation's answer: a reference to a component."""
        return self._reference(contract.answers) if contract.answers else {}

    def of(self, answered: type) -> dict[str, Any]:
        """The schema of a dataclass that an answer is."""
        return self._reference(Shape(answered))

    def _reference(self, shape: Shape) -> dict[str, Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # two schemas of one name: the document would be wrong
            reference: dict[str, Any] = self._converter.resolve_nested_schema(shape.tolerant)
        return reference

    @staticmethod
    def required(contract: OperationContract, names: frozenset[str]) -> list[str]:
        known = contract.shape.strict.fields
        return [name for name in _in_order(contract, names) if known[name].required]


def _in_order(contract: OperationContract, names: frozenset[str]) -> list[str]:
    return [name for name in contract.shape.strict.fields if name in names]


def _name(schema: type[Schema] | Schema) -> str:
    cls = schema if isinstance(schema, type) else type(schema)
    return f"{cls.__name__}Input" if cls.Meta.unknown == RAISE else cls.__name__


def _anything(converter: Any, field: fields.Field, ret: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A field of any type has no type, not even "or null"."""
    if type(field) is fields.Raw:
        ret.clear()
    return {}
