"""Algorithms 6.1 and 6.2 of the slides: a computational graph of scalars, evaluated forwards, differentiated backwards.

    x, y = Node(), Node()
    cost = log(x) + x * y
    value = forward(cost, {x: 2.0, y: 5.0})
    grad_table = back_propagate(cost, value)
    grad_table[x]  # 5.5

A cost is an expression first: no number enters it before ``forward``, so it can be evaluated at many points.

References:
    Slides D3:357-404 (Goodfellow et al., "Deep Learning", 2016, algorithms 6.1 and 6.2). MATHS.md (30).
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Operation:
    """The function ``f(i)`` of a node, and its partial derivatives by each of its arguments."""

    value: Callable[..., float]
    partials: Callable[..., tuple[float, ...]]


@dataclass(frozen=True, eq=False, repr=False)
class Node:
    """A node ``u(i)`` of the graph: an operation on its parents, or an input if it has none."""

    operation: Operation | None = None
    parents: tuple["Node", ...] = ()

    def __add__(self, other: "Node | float") -> "Node":
        return Node(_ADD, (self, _node(other)))

    def __mul__(self, other: "Node | float") -> "Node":
        return Node(_MULTIPLY, (self, _node(other)))

    def __sub__(self, other: "Node | float") -> "Node":
        return self + -_node(other)

    def __truediv__(self, other: "Node | float") -> "Node":
        return Node(_DIVIDE, (self, _node(other)))

    def __pow__(self, exponent: float) -> "Node":
        """A power with a constant exponent; write ``exp(y * log(x))`` for a variable one."""
        return Node(_power(exponent), (self,))

    def __neg__(self) -> "Node":
        return self * -1.0

    def __rsub__(self, other: float) -> "Node":
        return _node(other) - self

    def __rtruediv__(self, other: float) -> "Node":
        return _node(other) / self

    __radd__, __rmul__ = __add__, __mul__


def _node(value: Node | float) -> Node:
    return value if isinstance(value, Node) else Node(Operation(lambda: float(value), tuple))


def _logistic(a: float) -> float:
    return 1 / (1 + math.exp(-a)) if a >= 0 else math.exp(a) / (1 + math.exp(a))  # neither overflows


def _power(exponent: float) -> Operation:
    # math.pow refuses the root of a negative number, for which ** gives a complex one.
    return Operation(lambda a: math.pow(a, exponent), lambda a: (exponent * math.pow(a, exponent - 1) if exponent else 0.0,))


_ADD = Operation(lambda a, b: a + b, lambda a, b: (1.0, 1.0))
_MULTIPLY = Operation(lambda a, b: a * b, lambda a, b: (b, a))
_DIVIDE = Operation(lambda a, b: a / b, lambda a, b: (1 / b, -a / b**2))
_EXP = Operation(math.exp, lambda a: (math.exp(a),))
_LOG = Operation(math.log, lambda a: (1 / a,))
_SIN = Operation(math.sin, lambda a: (math.cos(a),))
_TANH = Operation(math.tanh, lambda a: (1 - math.tanh(a) ** 2,))
_SIGMOID = Operation(_logistic, lambda a: (_logistic(a) * _logistic(-a),))


def exp(a: Node) -> Node:
    """The exponential."""
    return Node(_EXP, (a,))


def log(a: Node) -> Node:
    """The natural logarithm; evaluating it at a number that is not positive raises ``ValueError``."""
    return Node(_LOG, (a,))


def sin(a: Node) -> Node:
    """The sine."""
    return Node(_SIN, (a,))


def tanh(a: Node) -> Node:
    """The hyperbolic tangent."""
    return Node(_TANH, (a,))


def sigmoid(a: Node) -> Node:
    """The logistic function."""
    return Node(_SIGMOID, (a,))


def topological_order(cost: Node) -> list[Node]:
    """The nodes that the cost depends on, parents before children, the cost last."""
    order: list[Node] = []
    done: set[Node] = set()
    stack = [(cost, False)]
    while stack:  # no recursion: graphs may be deeper than Python's stack
        node, parents_done = stack.pop()
        if parents_done:
            order.append(node)
        elif node not in done:
            done.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order


def forward(cost: Node, inputs: Mapping[Node, float]) -> dict[Node, float]:
    """Algorithm 6.1: the value of every node that the cost depends on.

    Raises:
        KeyError: An input has no value.
        ArithmeticError, ValueError: An operation has none at its arguments, as Python's ``math`` has it.
    """
    value: dict[Node, float] = {}
    for node in topological_order(cost):
        arguments = [value[parent] for parent in node.parents]
        value[node] = node.operation.value(*arguments) if node.operation else inputs[node]
    return value


def back_propagate(cost: Node, value: Mapping[Node, float]) -> dict[Node, float]:
    """Algorithm 6.2: the ``grad_table``, the derivative of the cost by every node that it depends on.

    Each edge of the graph is visited once, however many paths lead through it.
    """
    order = topological_order(cost)
    children: dict[Node, list[tuple[Node, float]]] = defaultdict(list)
    for child in order:
        if child.operation:
            partials = child.operation.partials(*(value[parent] for parent in child.parents))
            for parent, partial in zip(child.parents, partials, strict=True):
                children[parent].append((child, partial))
    grad_table = {cost: 1.0}
    for node in reversed(order[:-1]):
        grad_table[node] = sum(grad_table[child] * partial for child, partial in children[node])
    return grad_table
