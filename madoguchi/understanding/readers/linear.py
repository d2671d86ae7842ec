"""Logistic regression on dense rows, with numpy alone: small heads are learnt where the product runs (intents) and by `make train`. Pure.

Minimised by L-BFGS (Nocedal and Wright, Numerical Optimization, 2nd ed., algorithm 7.4) with backtracking.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

MEMORY = 8
BACKTRACKS = 20
ENOUGH_DECREASE = 1e-4


def fit_classes(x: Any, y: Any, classes: int, *, penalty: float, weights: Any = None, steps: int = 120) -> tuple[Any, Any]:
    """Multinomial regression: (columns x classes, classes) of weights and biases. `y`: class numbers; `penalty`: of the squared weights."""
    target = np.eye(classes, dtype=np.float32)[y]
    return _fit(x, target, _softmax, penalty=penalty, weights=weights, steps=steps)


def fit_yes_no(x: Any, y: Any, *, penalty: float, weights: Any = None, steps: int = 120) -> tuple[Any, Any]:
    """Independent yes-or-no questions, one a column of `y` (0 or 1); `weights` per row, or per row and question (0: not asked)."""
    return _fit(x, np.asarray(y, np.float32).reshape(len(x), -1), _sigmoids, penalty=penalty, weights=weights, steps=steps)


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-np.clip(z, -40, 40)))


def softmax(z: Any) -> Any:
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def _softmax(z: Any, target: Any) -> tuple[Any, Any]:
    p = softmax(z)
    return -(target * np.log(p + 1e-12)).sum(1, keepdims=True), p - target


def _sigmoids(z: Any, target: Any) -> tuple[Any, Any]:
    return np.logaddexp(0, z) - target * z, sigmoid(z) - target


def _fit(
    x: Any, target: Any, loss_of: Callable[[Any, Any], tuple[Any, Any]], *, penalty: float, weights: Any, steps: int
) -> tuple[Any, Any]:
    x = np.asarray(x, np.float32)
    count = np.ones((len(x), 1), np.float32) if weights is None else np.asarray(weights, np.float32).reshape(len(x), -1)
    total = float(count.mean(1).sum())
    columns, outputs = x.shape[1], target.shape[1]

    def cost(flat: Any) -> tuple[float, Any]:
        w, b = flat[:-outputs].reshape(columns, outputs), flat[-outputs:]
        loss, slope = loss_of(x @ w + b, target)
        slope = slope * count / total
        grad = np.concatenate([(x.T @ slope + penalty * w).ravel(), slope.sum(0)])
        return float((loss * count).sum() / total + penalty / 2 * float((w * w).sum())), grad

    flat = _minimise(cost, np.zeros(columns * outputs + outputs, np.float32), steps)
    return flat[:-outputs].reshape(columns, outputs), flat[-outputs:]


def _minimise(cost: Callable[[Any], tuple[float, Any]], x: Any, steps: int) -> Any:
    value, grad = cost(x)
    moves: list[tuple[Any, Any, float]] = []
    for _ in range(steps):
        step = -_direction(grad, moves)
        slope = float(grad @ step)
        if slope > -1e-9:  # noqa: PLR2004  flat: done
            break
        size = 1.0 if moves else min(1.0, 1.0 / (float(np.abs(grad).sum()) + 1e-9))
        for _try in range(BACKTRACKS):
            new_value, new_grad = cost(x + size * step)
            if new_value <= value + ENOUGH_DECREASE * size * slope:
                break
            size /= 2
        else:
            break
        moved, turned = size * step, new_grad - grad
        curvature = float(moved @ turned)
        if curvature > 1e-10:  # noqa: PLR2004
            moves = [*moves[-MEMORY + 1 :], (moved, turned, curvature)]
        done = value - new_value < 1e-7 * max(1.0, abs(value))
        x, value, grad = x + moved, new_value, new_grad
        if done:
            break
    return x


def _direction(grad: Any, moves: list[tuple[Any, Any, float]]) -> Any:
    """The inverse Hessian's estimate times the gradient (two-loop recursion)."""
    q = grad.copy()
    shares = []
    for moved, turned, curvature in reversed(moves):
        share = float(moved @ q) / curvature
        shares.append(share)
        q -= share * turned
    if moves:
        _, turned, curvature = moves[-1]
        q *= curvature / float(turned @ turned)
    for (moved, turned, curvature), share in zip(moves, reversed(shares), strict=True):
        q += (share - float(turned @ q) / curvature) * moved
    return q
