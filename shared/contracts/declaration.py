"""How a contract is declared: a frozen dataclass, and one decorator that says what it is.

    @event(version=1, subject="call_id")
    @dataclass(frozen=True, kw_only=True)
    class CallOpened:
        '''A published call has reached its opening time.'''
        call_id: Id
        ...

    @command(who=STAFF, answers=CallView)
    @dataclass(frozen=True, kw_only=True)
    class PublishCall:
        '''Make a reviewed call public.'''
        call_id: Id
        expected_version: Count

The service is the module's name (`shared.contracts.calls` → `calls`), the contract's name the class's in snake case:
`calls.call_opened.v1`, `calls.publish_call`. Validation, the OpenAPI, AsyncAPI and OpenRPC documents, the broker's
topology and the rights to call all come from this one declaration.

A published event version only ever gains optional fields. Anything else is a new version, declared beside the old
one (`version=2`) and published beside it until no subscriber of the old is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, is_dataclass
from functools import cache, cached_property, partial
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, TypeVar, overload

import marshmallow_dataclass
import orjson
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, missing

from shared.contracts.rights import Right
from shared.errors import Invalid

T = TypeVar("T")
Wire = dict[str, Any]


class _FieldsByType(dict[type, Any]):
    """Which marshmallow field a type is. A dataclass in another is its own schema, as strict as the one around it.

    marshmallow_dataclass looks here first. Left to itself it names a schema it is already making by its class, and
    marshmallow then takes the first one ever made of that name, strict or tolerant, of this module or another.
    """

    def __init__(self, strict: bool) -> None:
        super().__init__(Schema.TYPE_MAPPING)
        self._strict = strict

    def get(self, type_: Any, default: Any = None) -> Any:
        if isinstance(type_, type) and is_dataclass(type_):
            return partial(fields.Nested, partial(_schema_of, type_, self._strict))
        return super().get(type_, default)


class _Lean(Schema):
    """Takes what is right by its fields alone, sooner than by marshmallow's own walk, which gathers what is wrong:
    what is not right goes that way."""

    def load(self, data: Any, *, many: Any = None, partial: Any = None, unknown: Any = None, **also: Any) -> Any:
        if isinstance(data, dict) and not (many or partial or unknown):
            try:
                return self._right(data)
            except ValidationError:
                pass
        return super().load(data, many=many, partial=partial, unknown=unknown, **also)

    def _right(self, data: Wire) -> Wire:
        """The values of the fields, by attribute. Raises `ValidationError`."""
        if self.unknown == RAISE and not self._by_key.keys() >= data.keys():
            raise ValidationError("There are unknown fields.")
        loaded = {}
        for key, (name, deserialize) in self._by_key.items():
            value = deserialize(data.get(key, missing), key, data)
            if value is not missing:
                loaded[name] = value
        return loaded

    @cached_property
    def _by_key(self) -> dict[str, tuple[str, Callable[..., Any]]]:
        found = self.load_fields.items()
        return {field.data_key or name: (field.attribute or name, field.deserialize) for name, field in found}


class _Strict(_Lean):
    """What a caller sends: an unknown field is an error, so that a misspelt one is never silently dropped."""

    TYPE_MAPPING = _FieldsByType(strict=True)

    class Meta:
        unknown = RAISE


class _Tolerant(_Lean):
    """What another service published: a newer publisher may have added fields we do not know yet."""

    TYPE_MAPPING = _FieldsByType(strict=False)

    class Meta:
        unknown = EXCLUDE


@cache
def _schema_of(type_: type, strict: bool, /) -> Schema:
    return marshmallow_dataclass.class_schema(type_, base_schema=_Strict if strict else _Tolerant)()


@dataclass(frozen=True)
class Shape:
    """A contract dataclass with its two schemas, made once."""

    type: type

    @cached_property
    def strict(self) -> Schema:
        return _schema_of(self.type, True)

    @cached_property
    def tolerant(self) -> Schema:
        return _schema_of(self.type, False)

    def load(self, wire: Wire) -> Any:
        """The dataclass this dictionary says, or `Invalid` with what is wrong, field by field."""
        return _loaded(self.strict, wire)

    def load_tolerantly(self, wire: Wire) -> Any:
        """As `load`, passing over fields a newer publisher has added."""
        return _loaded(self.tolerant, wire)


def _loaded(schema: Schema, wire: Wire) -> Any:
    try:
        return schema.load(wire)
    except ValidationError as error:
        raise Invalid(errors=_by_name(error.normalized_messages())) from error


def _by_name(messages: Any) -> Any:
    """marshmallow names the items of a list by number; JSON names everything by text."""
    if isinstance(messages, dict):
        return {str(name): _by_name(inner) for name, inner in messages.items()}
    return messages


def to_wire(value: Any) -> Any:
    """A contract dataclass (or a list of them) as plain JSON values: enums by value, instants in UTC with a Z."""
    return orjson.loads(to_json(value))


def to_json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)


@dataclass(frozen=True)
class EventContract:
    """What is published: one version of one event of one service."""

    service: str
    name: str
    version: int
    subject: str
    shape: Shape

    @property
    def type(self) -> str:
        """The CloudEvents type, `calls.call_opened.v1`."""
        return f"{self.service}.{self.name}.v{self.version}"

    @property
    def routing_key(self) -> str:
        """The key on the exchange `<service>.events`, `call_opened.v1`: what a stock Nameko handler subscribes to."""
        return f"{self.name}.v{self.version}"

    @property
    def summary(self) -> str:
        return _first_line(self.shape.type)


@dataclass(frozen=True)
class OperationContract:
    """What may be asked of a service: input, answer, who may ask, and whether it changes anything."""

    service: str
    name: str
    shape: Shape
    answers: Shape | None
    who: Right
    changes: bool
    internal: bool

    @property
    def full_name(self) -> str:
        """`calls.publish_call`: the method of `/rpc` and the routing key of the request."""
        return f"{self.service}.{self.name}"

    @property
    def summary(self) -> str:
        return _first_line(self.shape.type)


_events: dict[str, EventContract] = {}
_operations: dict[str, OperationContract] = {}


def event(*, version: int, subject: str) -> Callable[[type[T]], type[T]]:
    """Declare an event. `subject` names the field that holds the id of the aggregate it speaks of."""

    def declare(cls: type[T]) -> type[T]:
        name = re.sub(r"_v\d+$", "", _snake(cls.__name__))
        contract = EventContract(_service_of(cls), name, version, subject, Shape(cls))
        if subject not in cls.__dataclass_fields__:  # type: ignore[attr-defined]
            raise TypeError(f"{cls.__name__} has no field {subject!r} to be its subject")
        _register(_events, contract.type, contract, cls)
        return cls

    return declare


def command(*, who: Right, answers: type | None = None) -> Callable[[type[T]], type[T]]:
    """Declare an operation that changes something: recorded with its answer, so that a repeat changes nothing."""
    return _operation(who, answers, changes=True, internal=False)


def query(*, who: Right, answers: type, internal: bool = False) -> Callable[[type[T]], type[T]]:
    """Declare an operation that only reads. `internal`: for the hub's own services, not reachable from outside."""
    return _operation(who, answers, changes=False, internal=internal)


def _operation(who: Right, answers: type | None, *, changes: bool, internal: bool) -> Callable[[type[T]], type[T]]:
    def declare(cls: type[T]) -> type[T]:
        contract = OperationContract(
            service=_service_of(cls),
            name=_snake(cls.__name__),
            shape=Shape(cls),
            answers=Shape(answers) if answers else None,
            who=who,
            changes=changes,
            internal=internal,
        )
        _register(_operations, contract.full_name, contract, cls)
        return cls

    return declare


def _register(registry: dict[str, Any], key: str, contract: Any, cls: type) -> None:
    if key in registry:
        raise TypeError(f"{key} is declared twice")
    registry[key] = contract
    cls.contract = contract  # type: ignore[attr-defined]


@overload
def contract_of(declared: type[Any], kind: type[EventContract]) -> EventContract: ...
@overload
def contract_of(declared: type[Any], kind: type[OperationContract]) -> OperationContract: ...
def contract_of(declared: type[Any], kind: type) -> Any:
    """The contract a class was declared as."""
    contract = declared.__dict__.get("contract")
    if not isinstance(contract, kind):
        raise TypeError(f"{declared.__name__} is not declared as {kind.__name__}")
    return contract


def all_events() -> Iterator[EventContract]:
    """Every event of the platform, by type."""
    _import_all()
    yield from (_events[key] for key in sorted(_events))


def all_operations() -> Iterator[OperationContract]:
    """Every operation of the platform, by full name."""
    _import_all()
    yield from (_operations[key] for key in sorted(_operations))


def event_named(type_: str) -> EventContract | None:
    return _events.get(type_)


def operation_named(full_name: str) -> OperationContract | None:
    """The operation of any service of the platform, also of one this process knows nothing else of."""
    _import_all()
    return _operations.get(full_name)


@cache
def services() -> frozenset[str]:
    """The hub's own rooms: those that have a language, and the gateway, which speaks for others."""
    _import_all()
    return frozenset(name.partition(".")[0] for name in (*_events, *_operations)) | {"gateway"}


_LANGUAGE = "shared.contracts."


@cache
def _import_all() -> None:
    package = import_module("shared.contracts")
    for module in iter_modules(package.__path__):
        import_module(f"shared.contracts.{module.name}")


def _service_of(cls: type) -> str:
    """The room whose language it is: its module in `shared.contracts`, or the package its module belongs to there."""
    name = cls.__module__
    return name.removeprefix(_LANGUAGE).split(".", 1)[0] if name.startswith(_LANGUAGE) else name.rsplit(".", 1)[-1]


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _first_line(cls: type) -> str:
    return (cls.__doc__ or "").strip().splitlines()[0]
