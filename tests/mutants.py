"""Small mistakes, put one at a time into the source of a function: what its check must notice.

`mutants(function)` yields each mutant with its description, such as ``z > 0 -> z >= 0``. The same
description twice in one function is told apart by ``(2)``.
"""

import ast
import copy
import inspect
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator

COMPARED = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
COUNTED = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
NAMES = {
    "maximum": "minimum",
    "minimum": "maximum",
    "max": "min",
    "min": "max",
    "any": "all",
    "all": "any",
    "sum": "mean",
    "mean": "sum",
    "ceil": "floor",
    "floor": "ceil",
    "argmax": "argmin",
    "argmin": "argmax",
    "cumsum": "cumprod",
    "cumprod": "cumsum",
    "zeros": "ones",
    "ones": "zeros",
    "zeros_like": "ones_like",
    "ones_like": "zeros_like",
}
SYMMETRIC = {"maximum", "minimum"}  # whose arguments may change places
DROPPED = {"sqrt", "exp", "log", "abs", "tanh", "sorted", "sort", "float", "int"}


def mutants(function: Callable[..., object]) -> Iterator[tuple[str, Callable[..., object]]]:
    """Yield every mutant of a function with its description, in the order of the source."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    seen: Counter[str] = Counter()
    for place, node in enumerate(ast.walk(tree)):
        for new in variants(node):
            description = f"{_text(node)} -> {_text(new)}"
            seen[description] += 1
            if seen[description] > 1:
                description += f" ({seen[description]})"
            changed = _Replace(place, new).run(tree)
            space = dict(function.__globals__)
            exec(compile(changed, f"<{description}>", "exec"), space)
            yield description, space[function.__name__]


def variants(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in the place of a node by mistake."""
    match node:
        case ast.Compare(left, [op], [right]):
            for other in COMPARED.get(type(op), ()):
                yield ast.Compare(left, [other()], [right])
        case ast.BinOp(left, op, right):
            for other in COUNTED.get(type(op), ()):
                yield ast.BinOp(left, other(), right)
            yield left  # a term or a factor forgotten
            yield right
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            for gone in range(len(values)):
                left = values[:gone] + values[gone + 1 :]
                yield left[0] if len(left) == 1 else ast.BoolOp(op, left)
        case ast.UnaryOp(_, operand):
            yield operand
        case ast.Constant(bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(int(value) | float(value)):
            yield ast.Constant(value + 1)
            yield ast.Constant(value / 2 if value and isinstance(value, float) else value - 1)
        case ast.IfExp(test, body, orelse):
            yield ast.IfExp(test, orelse, body)
        case ast.If(test, body, orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.AugAssign(target, op, value):
            for other in COUNTED.get(type(op), ()):
                yield ast.AugAssign(target, other(), value)
            yield ast.Pass()
        case ast.Attribute(value, "T", ctx):
            yield value
        case ast.Attribute(value, str(name), ctx) if name in NAMES:
            yield ast.Attribute(value, NAMES[name], ctx)
        case ast.Name(str(name), ast.Load()) if name in NAMES:
            yield ast.Name(NAMES[name], ast.Load())
        case ast.Subscript(value, ast.Slice(low, high, step), ctx):
            for ends in ((None, high), (low, None)):
                if ends != (low, high):
                    yield ast.Subscript(value, ast.Slice(*ends, step), ctx)
        case ast.Tuple(elements, ast.Load()) if len(elements) == 2:
            yield ast.Tuple(elements[::-1], ast.Load())
        case ast.Return(ast.expr() as value):
            yield ast.Return(None)
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()
        case _:
            pass
    if isinstance(node, ast.Call):
        yield from _calls(node)


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    """Yield a call with arguments swapped, without a keyword, along another axis, or not made."""
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if len(node.args) >= 2 and name not in SYMMETRIC:
        yield ast.Call(node.func, [*node.args[:-2], *node.args[:-3:-1]], node.keywords)
    if name in DROPPED and len(node.args) == 1:
        yield node.args[0]
    for place, keyword in enumerate(node.keywords):
        others = [*node.keywords[:place], *node.keywords[place + 1 :]]
        yield ast.Call(node.func, node.args, others)
        if keyword.arg == "axis":
            for axis in _other_axes(keyword.value):
                yield ast.Call(node.func, node.args, [*others, ast.keyword("axis", axis)])


def _other_axes(axis: ast.expr) -> Iterator[ast.expr]:
    given = ast.literal_eval(axis)
    if isinstance(given, tuple):
        yield from axis.elts
    else:
        yield ast.Constant(1 if given == 0 else 0)


def _text(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 90 else f"{text[:60]} ... {text[-25:]}"


class _Replace(ast.NodeTransformer):
    """Put a node in the place of the one that `ast.walk` meets at a position."""

    def __init__(self, place: int, new: ast.AST) -> None:
        self.place, self.new = place, new

    def run(self, tree: ast.Module) -> ast.Module:
        tree = copy.deepcopy(tree)
        for place, node in enumerate(ast.walk(tree)):
            if place == self.place:
                self.old = node
        return ast.fix_missing_locations(self.visit(tree))

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self.old:
            return copy.deepcopy(self.new)
        return self.generic_visit(node)
