"""The HTTP twins of the live commands: made from the command's own struct, so that both doors take the same."""

import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

import msgspec
from litestar import delete, patch, post, put
from litestar.di import NamedDependency as Given
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from teahouse.commands import Command, Result, Signed
from teahouse.house import House

_RESERVED = {"request": "request_id"}
"""Names that Litestar keeps for itself, and what they are called in our paths."""
_from_path: Any = FromPath
_from_body: Any = JSONBody
_VERBS: dict[str, Any] = {"POST": post, "PUT": put, "PATCH": patch, "DELETE": delete}
Route = tuple[str, type[Command], type[Result], int]
"""`"POST /chats/{chat}/messages"`, the command, its result, and the status of a success."""


def twin(route: Route) -> HTTPRouteHandler:
    """Return the handler of one route. Fields named in the path come from there, the others from the body."""
    where, command, result, status = route
    verb, path = where.split(" ")
    hints = get_type_hints(command, include_extras=True)
    fields = {field.name: field for field in msgspec.structs.fields(command) if field.name != "id"}
    in_path = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    in_body = [field for name, field in fields.items() if name not in in_path]
    body = _body_of(command, in_body, hints)

    async def execute(**given: Any) -> Any:
        values = {name: given[_RESERVED.get(name, name)] for name in in_path}
        data = given.get("data")
        if data is not None:
            given_in_body = {field.name: getattr(data, field.name) for field in in_body}
            values.update({name: value for name, value in given_in_body.items() if value is not msgspec.UNSET})
        # The path's values are text: they are held against the command's own types, as in a frame.
        return await given["house"].execute(given["signed"], msgspec.convert(values, command, strict=False))

    parameters: dict[str, Any] = {"house": Given[House], "signed": Given[Signed]}
    parameters.update({_RESERVED.get(name, name): _from_path[hints[name]] for name in in_path})
    if body is not None:
        parameters["data"] = _from_body[body]
    tag = str(command.__struct_config__.tag)
    execute.__name__ = tag.replace(".", "_")
    execute.__doc__ = command.__doc__
    execute.__annotations__ = {**parameters, "return": result}
    execute.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind) for name, kind in parameters.items()],
        return_annotation=result,
    )
    decorate: Callable[..., Any] = _VERBS[verb]
    litestar_path = "/".join(_path_part(part) for part in path.split("/"))
    made: HTTPRouteHandler = decorate(
        litestar_path,
        status_code=status,
        operation_id=tag,
        summary=tag,
        description=inspect.getdoc(command),
    )(execute)
    return made


def _body_of(command: type[Command], fields: list[Any], hints: dict[str, Any]) -> type[msgspec.Struct] | None:
    """Return a struct of the fields that come in the body; None when there are none."""
    if not fields:
        return None
    spec: list[Any] = []
    for field in fields:
        if field.default is not msgspec.NODEFAULT:
            spec.append((field.name, hints[field.name], field.default))
        elif field.default_factory is not msgspec.NODEFAULT:
            spec.append((field.name, hints[field.name], msgspec.field(default_factory=field.default_factory)))
        else:
            spec.append((field.name, hints[field.name]))
    return msgspec.defstruct(f"{command.__name__}Body", spec, kw_only=True, frozen=True, forbid_unknown_fields=True)


def _path_part(part: str) -> str:
    if not part.startswith("{"):
        return part
    name = part[1:-1]
    return f"{{{_RESERVED.get(name, name)}:{'int' if name == 'seq' else 'str'}}}"
