import math
import operator

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.functions import scalar_graph
from zoo.functions.scalar_graph import Node, back_propagate, exp, forward, log, sigmoid, sin, topological_order

UNARY = {
    "exp": lambda on, a: on.exp(on.tanh(a)),
    "log": lambda on, a: on.log(a * a + 1.0),
    "sin": lambda on, a: on.sin(a),
    "tanh": lambda on, a: on.tanh(a),
    "sigmoid": lambda on, a: on.sigmoid(a),
    "negative": lambda on, a: -a,
    "square": lambda on, a: a**2,
    "reciprocal": lambda on, a: 1.0 / (a**2 + 1.0),
    "root": lambda on, a: (a**2 + 1.0) ** 0.5,
    "from two": lambda on, a: 2.0 - a,
}
BINARY = {
    "+": operator.add,
    "-": operator.sub,
    "*": lambda a, b: a * b * 0.5,
    "/": lambda a, b: a / (b * b + 1.0),
}
EXPRESSIONS = st.recursive(
    st.sampled_from(["x", "y"]),
    lambda inner: st.tuples(st.sampled_from(sorted(UNARY)), inner) | st.tuples(st.sampled_from(sorted(BINARY)), inner, inner),
    max_leaves=12,
)
NUMBERS = st.floats(-1.5, 1.5)


def _build(expression, on, inputs):
    if isinstance(expression, str):
        return inputs[expression]
    name, *arguments = expression
    arguments = [_build(each, on, inputs) for each in arguments]
    return UNARY[name](on, *arguments) if len(arguments) == 1 else BINARY[name](*arguments)


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS, NUMBERS, NUMBERS)
def test_values_and_gradients_of_random_expressions_equal_autograd(expression, x, y):
    nodes = {"x": Node(), "y": Node()}
    tensors = {"x": torch.tensor(x, dtype=torch.double, requires_grad=True), "y": torch.tensor(y, dtype=torch.double, requires_grad=True)}
    cost, expected = _build(expression, scalar_graph, nodes), _build(expression, torch, tensors)
    value = forward(cost, {nodes["x"]: x, nodes["y"]: y})
    grad_table = back_propagate(cost, value)
    gradients = torch.autograd.grad(expected, list(tensors.values()), allow_unused=True, materialize_grads=True)
    assert value[cost] == pytest.approx(expected.item(), rel=1e-9, abs=1e-9)
    for node, gradient in zip(nodes.values(), gradients, strict=True):
        assert grad_table.get(node, 0.0) == pytest.approx(gradient.item(), rel=1e-9, abs=1e-9)


def test_the_example_of_the_module():
    x, y = Node(), Node()
    cost = log(x) + x * y
    value = forward(cost, {x: 2.0, y: 5.0})
    grad_table = back_propagate(cost, value)
    assert value[cost] == math.log(2) + 10
    assert grad_table == {**grad_table, cost: 1.0, x: 5.5, y: 2.0}


def test_the_table_holds_the_derivative_by_inner_nodes_too():
    x = Node()
    inner = sin(x)
    cost = inner * inner
    grad_table = back_propagate(cost, forward(cost, {x: 0.3}))
    assert grad_table[inner] == pytest.approx(2 * math.sin(0.3))


def test_parents_come_before_children():
    x = Node()
    cost = exp(x) * x + x
    order = topological_order(cost)
    assert len(order) == len(set(order)) == 4
    assert order[-1] is cost
    assert all(order.index(parent) < order.index(node) for node in order for parent in node.parents)


def test_a_graph_of_many_paths_is_walked_once_an_edge():
    """1000 doublings are 2^1000 paths, and deeper than recursion would reach."""
    x = cost = Node()
    for _ in range(1000):
        cost = cost + cost
    assert back_propagate(cost, forward(cost, {x: 1.0}))[x] == 2.0**1000


def test_the_logistic_function_saturates_without_overflow():
    x = Node()
    cost = sigmoid(x)
    for x_value, expected in [(-1000.0, 0.0), (1000.0, 1.0)]:
        value = forward(cost, {x: x_value})
        assert (value[cost], back_propagate(cost, value)[x]) == (expected, 0.0)


def test_zero_to_the_power_of_zero_has_derivative_zero():
    x = Node()
    cost = x**0
    assert back_propagate(cost, forward(cost, {x: 0.0}))[x] == 0.0


def test_an_input_without_a_value_is_refused():
    x, y = Node(), Node()
    with pytest.raises(KeyError):
        forward(x + y, {x: 1.0})


@pytest.mark.parametrize("operation", [log, lambda x: x**0.5], ids=["logarithm", "root"])
def test_what_has_no_real_value_is_refused(operation):
    x = Node()
    with pytest.raises(ValueError, match="math domain error"):
        forward(operation(x), {x: -1.0})
