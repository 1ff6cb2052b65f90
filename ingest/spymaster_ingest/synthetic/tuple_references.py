"""A tuple of arrays that kernels pass to each other as one pointer.

Numba passes a tuple by its parts: thirty arrays become some two hundred arguments of every call.
They would take most of the compile time of a large set of kernels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.core import cgutils, types
from numba.core.imputils import impl_ret_borrowed
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, models, register_model


class Reference(types.Type):
    """The type of a pointer to a named tuple; it has the tuple's attributes."""

    def __init__(self, target: types.NamedTuple) -> None:
        self.target = target
        super().__init__(name=f"Reference({target})")

    @property
    def dtype(self) -> types.NamedTuple:
        """The pointed-to type, which numba's model of a pointer requires."""
        return self.target

    def index_of(self, name: str) -> int | None:
        """Return the position of a field; None for an unknown name."""
        fields = self.target.fields
        return fields.index(name) if name in fields else None


register_model(Reference)(models.PointerModel)


# a caller leaves out the context, of which numba's own type of an intrinsic knows nothing
_intrinsic: Callable[[Callable[..., Any]], Callable[..., Any]] = intrinsic


@_intrinsic
def reference(_context, target):
    """Return a pointer to a named tuple, valid until the calling function returns."""
    if not isinstance(target, types.NamedTuple):
        return None

    def lower(context, builder, _signature, arguments):
        data = context.data_model_manager[target].as_data(builder, arguments[0])
        return cgutils.alloca_once_value(builder, data)

    return Reference(target)(target), lower


@infer_getattr
class _Fields(AttributeTemplate):
    key = Reference

    # numba's own method, which only raises, has a type that no other can have
    def generic_resolve(  # type: ignore[override]
        self, referred: Reference, name: str
    ) -> types.Type | None:
        index = referred.index_of(name)
        return None if index is None else referred.target.types[index]


@lower_getattr_generic(Reference)
def _load_field(context, builder, referred, pointer, name):
    index = referred.index_of(name)
    field = referred.target.types[index]
    at = cgutils.gep_inbounds(builder, pointer, 0, index)
    value = context.data_model_manager[field].load_from_data_pointer(builder, at)
    return impl_ret_borrowed(context, builder, field, value)
