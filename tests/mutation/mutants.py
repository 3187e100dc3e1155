"""Wrong versions of a module, one small change each: a comparison, a connective, a constant, a condition or a call dropped."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
}
_CLAUSES = frozenset({"with_for_update", "order_by", "where", "limit", "distinct", "strip"})
"""Calls of a chain that can be left out: `select(...).where(...)` still is a query without them."""

_LOGGERS = frozenset({"log", "logger"})


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module. `start` and `end` are byte offsets in the source."""

    path: str
    line: int
    start: int
    end: int
    before: str
    after: str

    def applied(self, source: str) -> str:
        """Give the source with the change."""
        raw = source.encode()
        return (raw[: self.start] + self.after.encode() + raw[self.end :]).decode()

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {_short(self.before)}  ->  {_short(self.after)}"


def mutants(path: str, source: str) -> list[Mutant]:
    """List all mutants of a module."""
    tree = ast.parse(source)
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def mutant(node: ast.expr | ast.stmt, after: str) -> Mutant:
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        return Mutant(path, node.lineno, start, end, ast.unparse(node), after)

    return [
        mutant(node, after)
        for node, asked in _code(tree)
        for after in _changes(node, asked=asked)
        if after not in {ast.unparse(node), f"({ast.unparse(node)})"}
    ]


def _code(node: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, bool]]:
    """Walk what runs and decides: no annotation, decorator, docstring, assertion, format string or log line. With each node
    whether it is the whole condition of an `if`."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "type_params"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.Assert | ast.JoinedStr | ast.Raise):
                continue
            if isinstance(child, ast.Expr) and (isinstance(child.value, ast.Constant) or _is_log(child.value)):
                continue
            if isinstance(child, ast.expr | ast.stmt):
                yield child, isinstance(node, ast.If) and name == "test"
            yield from _code(child)


def _is_log(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name))):
            return name in _LOGGERS
        case _:
            return False


def _changes(node: ast.expr | ast.stmt, *, asked: bool) -> Iterator[str]:
    match node:
        case ast.Name() | ast.Attribute() | ast.Call() if asked:
            yield f"(not {ast.unparse(node)})"
        case ast.Compare(ops=[operator]):
            yield from (_with(node, ops=[other()]) for other in _COMPARISONS[type(operator)])
        case ast.BoolOp(op=operator):
            yield _with(node, op=ast.Or() if isinstance(operator, ast.And) else ast.And())
            yield from (_without(node, dropped) for dropped in range(len(node.values)))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield f"({ast.unparse(operand)})"
        case ast.BinOp(op=operator) if type(operator) in _OPERATORS and not _is_text(node):
            yield _with(node, op=_OPERATORS[type(operator)]())
        case ast.Constant(value=bool() | int() | float() as value):
            yield str(not value) if isinstance(value, bool) else repr(value + 1)
        case _:
            yield from _dropped(node)


def _dropped(node: ast.expr | ast.stmt) -> Iterator[str]:
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            yield _with(node, body=orelse, orelse=body)
        case ast.Expr(value=ast.Call() | ast.Await()):
            yield "pass"
        case ast.Call(func=ast.Attribute(value=ast.Call() | ast.Name() as chain, attr=attr)) if attr in _CLAUSES:
            yield f"({ast.unparse(chain)})"
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp() if node.generators[-1].ifs:
            other = copy.deepcopy(node)
            other.generators[-1].ifs = []
            yield ast.unparse(other)
        case _:
            pass


def _with(node: ast.expr, **fields: object) -> str:
    other = copy.deepcopy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return f"({ast.unparse(ast.fix_missing_locations(other))})"


def _without(node: ast.BoolOp, dropped: int) -> str:
    others = [value for place, value in enumerate(node.values) if place != dropped]
    return f"({ast.unparse(others[0] if len(others) == 1 else ast.BoolOp(op=node.op, values=others))})"


def _is_text(node: ast.BinOp) -> bool:
    return any(isinstance(side, ast.JoinedStr | ast.List | ast.Tuple) for side in (node.left, node.right)) or any(
        isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (node.left, node.right)
    )


def _short(text: str) -> str:
    line = text.partition("\n")[0]
    return line if len(line) <= 110 else line[:109] + "…"
