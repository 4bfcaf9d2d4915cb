"""A state whose bits are not known yet: whoever looks at one is answered both ways, one after the other.

It can be asked in one way only, the way in which the rules ask: whether any bit of a mask is set. Everything else that might be done
with a number is refused, so that a rule which does it is never followed by guessing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Never, TypeVar

from hub.policy import state as s

Cube = tuple[int, int]
"""A set of states: all that have the first bits set and the second ones clear."""

BITS: Final = sum(s.NAMES.values())
"""Every bit that a state may have."""

T = TypeVar("T")


class Lost(BaseException):
    """What was done with the state cannot be followed. It passes `evaluate`, which takes any other exception for a faulty rule."""

    def __init__(self, text: str) -> None:
        self.text = text


def _refusal(what: str) -> Callable[..., Never]:
    def refused(*_: object) -> Never:
        raise Lost(f"a rule used `{what}` where the walk can only follow `state & bits`")

    return refused


def refusing(*names: str) -> Callable[[type[T]], type[T]]:
    """Return a decorator that has a class refuse these methods, with `Lost`."""

    def on(kind: type[T]) -> type[T]:
        for name in names:
            setattr(kind, name, _refusal(name))
        return kind

    return on


_NUMBER: Final = (
    *("__or__", "__ror__", "__xor__", "__rxor__", "__invert__", "__lshift__", "__rshift__", "__neg__", "__pos__", "__abs__"),
    *("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__floordiv__", "__truediv__", "__mod__"),
    *("__divmod__", "__pow__", "__int__", "__index__", "__float__", "__round__", "__eq__", "__ne__", "__lt__", "__le__"),
    *("__gt__", "__ge__", "__hash__", "__iter__", "__len__", "__contains__", "__getitem__", "__format__", "__getattr__"),
    *("__copy__", "__deepcopy__", "__reduce_ex__"),
)  # fmt: skip


@refusing("__bool__", *_NUMBER)
class State:
    """A state of which some bits are known. `state & mask` is true where any bit of the mask is set."""

    def __init__(self, cube: Cube, waiting: list[Cube]) -> None:
        self.set, self.clear = cube
        self._waiting = waiting

    def __and__(self, mask: object) -> Masked:
        if type(mask) is not int or mask & ~BITS:
            raise Lost("a rule masked the state with something that is no set of bits")
        return Masked(self, mask)

    __rand__ = __and__

    def any_of(self, mask: int) -> bool:
        """Whether one of the bits is set. One that is not known yet is taken as set, and the other answer waits its turn."""
        if mask & self.set:
            return True
        rest = mask & ~self.clear
        if not rest:
            return False
        bit = rest & -rest
        self._waiting.append((self.set, self.clear | bit))
        self.set |= bit
        return True


@refusing("__and__", "__rand__", *_NUMBER)
class Masked:
    """Some bits of a state, of which only the truth may be asked."""

    def __init__(self, state: State, mask: int) -> None:
        self._state, self._mask = state, mask

    def __bool__(self) -> bool:
        return self._state.any_of(self._mask)


def forks(cubes: Iterable[Cube], run: Callable[[State], T]) -> Iterator[tuple[Cube, T]]:
    """Yield the cubes into which the questions of `run` cut some, each with what `run` returned for its states."""
    waiting = list(cubes)
    while waiting:
        state = State(waiting.pop(), waiting)
        result = run(state)
        yield (state.set, state.clear), result


def merged(cubes: Iterable[Cube]) -> list[Cube]:
    """Return the same states in fewer cubes: two that differ in the value of one bit become one without it."""
    left = dict.fromkeys(cubes)
    again = True
    while again:
        again = False
        for cube in list(left):
            partner = _partner(cube, left) if cube in left else None
            if partner is not None:
                del left[cube], left[partner]
                left[(cube[0] & partner[0], cube[1] & partner[1])] = None
                again = True
    return list(left)


# Private functions
# -----------------


def _partner(cube: Cube, left: dict[Cube, None]) -> Cube | None:
    rest = cube[0] | cube[1]
    while rest:
        bit = rest & -rest
        rest &= ~bit
        other = (cube[0] ^ bit, cube[1] ^ bit)
        if other in left:
            return other
    return None
