"""The place of a pydantic error in the document. Its `loc` mixes keys with the names of union members; following the
models' types tells them apart, and gives the keys that are possible there."""

from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, Discriminator, Tag

from app.flows.language.definition import Programme

Type = Any
"""A type annotation: a class, a union, an Annotated, a dict or a list."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the document. `model` is the innermost model around it, `key` says that the key itself is wrong.

    `union` is the length of the path at the last union whose member pydantic had to try, and `member` that member.
    """

    path: tuple[str | int, ...]
    model: type[BaseModel]
    key: bool = False
    union: int | None = None
    member: str = ""


def follow(loc: tuple[str | int, ...]) -> Spot:
    """Follow an error's `loc` from the top of a programme."""
    kind: Type = Programme
    model: type[BaseModel] = Programme
    path: list[str | int] = []
    union, member = None, ""
    for part in loc:
        kind, tagged = _bare(kind)
        if part == "[key]":
            return Spot(tuple(path), model, True, union, member)
        if (members := _members(kind)) and tagged:
            kind = next((item for item in members if _tag(item) == part), Any)
            continue
        if members:
            union, member = len(path), str(part)
            kind = _labelled(members, member)
            continue
        path.append(part)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            model, kind = kind, fields(kind).get(str(part), Any)
        else:
            kind = (get_args(kind) or (Any,))[-1]
    return Spot(tuple(path), model, False, union, member)


@cache
def fields(model: type[BaseModel]) -> dict[str, Any]:
    """A model's keys as they are written in YAML, with their types."""
    hints = get_type_hints(model, include_extras=True)
    return {field.alias or name: hints[name] for name, field in model.model_fields.items()}


def _bare(kind: Type) -> tuple[Type, bool]:
    """A type without Annotated and Optional, and whether it is a union of tagged members."""
    tagged = False
    while True:
        if _origin(kind) is Annotated:
            tagged = tagged or any(isinstance(item, Discriminator) for item in kind.__metadata__)
            kind = kind.__origin__
        elif len(members := _members(kind)) == 1:
            kind = members[0]
        else:
            return kind, tagged


def _members(kind: Type) -> list[Type]:
    if _origin(kind) not in (Union, UnionType):
        return []
    return [item for item in get_args(kind) if item is not NoneType]


def _origin(kind: Type) -> object:
    # As an object: mypy believes the first overload, of ParamSpec, for whatever it knows nothing of.
    return get_origin(kind)


def _tag(kind: Type) -> str | None:
    return next((item.tag for item in getattr(kind, "__metadata__", ()) if isinstance(item, Tag)), None)


def _labelled(members: list[Type], label: str) -> Type:
    """The member for pydantic's label: only containers have anything below."""
    wanted = {"dict": dict, "list": list}.get(label.partition("[")[0])
    return next((item for item in members if _origin(_bare(item)[0]) is wanted), Any) if wanted else Any
