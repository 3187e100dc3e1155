"""The one piece of linear algebra that statistics need: the inverse of a small matrix."""

from collections.abc import Sequence

_SINGULAR = 1e-10


def inverse(matrix: Sequence[Sequence[float]]) -> list[list[float]]:
    """The inverse by Gauss and Jordan, with the largest pivot first. Raises ValueError for a matrix that has none."""
    size = len(matrix)
    work = [[*map(float, row), *(float(place == column) for column in range(size))] for place, row in enumerate(matrix)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda place: abs(work[place][column]))
        if abs(work[pivot][column]) < _SINGULAR:
            raise ValueError("an item is a sum of others: their covariance matrix has no inverse")
        work[column], work[pivot] = work[pivot], work[column]
        head = [value / work[column][column] for value in work[column]]
        work = [
            head if place == column else [value - row[column] * lead for value, lead in zip(row, head, strict=True)]
            for place, row in enumerate(work)
        ]
    return [row[size:] for row in work]
