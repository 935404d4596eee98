"""What can be said of one answer against its reference answers, as numbers.

Each piece of the reference is sought in the answer and each piece of the answer in the reference, by the
cosine of their vectors in context (greedy matching, BERTScore: Zhang et al. 2020, arXiv 1904.09675), weighted
by rarity. What the question says already counts little on either side ("question demoting": Sultan, Salazar
and Sumner 2016, NAACL). Nothing is taken from other answers to the question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from models.graded_text import LAYERS, Floats, TextView, unit

# Higher never lowers the share (1), or never raises it (-1); others may do either.
RISING = ("R", "P", "Rd", "Pd", "Rn", "gain", "F", "clauses", "least", "most", "met", "low")
SIGNS = {f"h{layer}_{name}": 1 for layer in LAYERS for name in RISING}
SIGNS |= dict.fromkeys(("words_R", "words_P", "words_Rn", "words_Pn", "grams_R", "grams_P", "grams_Rn"), 1)
SIGNS |= dict.fromkeys(("cos_rest", "cos_gain", "cos"), 1)
SIGNS |= dict.fromkeys(
    ("best_h9_F", "best_h12_F", "best_cos", "best_words_Rn", "best_grams_R", "best_h12_Rd"), 1
)
SIGNS |= dict.fromkeys(("negated", "negations", "numbers_other", "echo"), -1)
_BEST = ("h9_F", "h12_F", "cos", "words_Rn", "grams_R", "h12_Rd")
SIGNS |= {f"best_{name}": 1 for name in _BEST}
_MET = 0.6  # cosine from which a clause of the reference is there


def features(question: TextView, references: Sequence[TextView], answer: TextView) -> dict[str, float]:
    """By name, of the reference the answer is closest to; `best_…`: of whichever reference is best at it."""
    each = [_against(question, reference, answer) for reference in references]
    closest = max(each, key=lambda found: found["h9_Rd"] + found["h9_Pd"] + found["words_Rn"])
    return closest | {f"best_{name}": max(found[name] for found in each) for name in _BEST}


def _against(question: TextView, reference: TextView, answer: TextView) -> dict[str, float]:
    asked, said, sought = set(question.pieces), set(answer.pieces), set(reference.pieces)
    new_in_reference = np.array([piece not in asked for piece in reference.pieces], np.float32)
    if not new_in_reference.any():
        new_in_reference[:] = 1  # "a stack or a queue?": the answer is in the question
    new_in_answer = np.array([piece not in asked for piece in answer.pieces], np.float32)
    found: dict[str, float] = {}
    for layer in LAYERS:
        found |= _aligned(layer, question, reference, answer, new_in_reference)
    in_answer = np.array([piece in said for piece in reference.pieces], np.float32)
    in_reference = np.array([piece in sought for piece in answer.pieces], np.float32)
    found |= {
        "words_R": _mean(in_answer, reference.weights),
        "words_P": _mean(in_reference, answer.weights),
        "words_Rn": _mean(in_answer, reference.weights * new_in_reference),
        "words_Pn": _mean(in_reference, answer.weights * new_in_answer),
        "echo": 1 - _mean(new_in_answer, answer.weights) if answer.pieces else 0.0,
    }
    found |= _grams(question, reference, answer) | _pooled(question, reference, answer)
    length = float(np.log1p(len(answer.pieces)))
    return found | {
        "negated": float((answer.negations > 0) != (reference.negations > 0)),
        "negations": float(min(abs(answer.negations - reference.negations), 3)),
        "negations_said": float(min(answer.negations, 3)),
        "numbers_other": float(min((answer.numbers - reference.numbers).total(), 4)),
        "length": length,
        "length_ratio": length - float(np.log1p(len(reference.pieces))),
        "weight": float(np.log1p(answer.weights.sum())),
        "weight_new": float(np.log1p((answer.weights * new_in_answer).sum())),
    }


def _aligned(
    layer: int, question: TextView, reference: TextView, answer: TextView, new: Floats
) -> dict[str, float]:
    """R: of the reference, how much is said; P: of the answer, how much is in the reference; d: less what the
    question is close to; n: without pieces that the question holds; gain: beyond what the question gives."""
    r, a, q = reference.states[layer], answer.states[layer], question.states[layer]
    said, backed = _best(r, a), _best(a, r)
    r_asked, a_asked = _best(r, q), _best(a, q)
    r_weights = reference.weights * np.clip(1 - r_asked, 0.05, 1)
    a_weights = answer.weights * np.clip(1 - a_asked, 0.05, 1)
    recall, precision = _mean(said, r_weights), _mean(backed, a_weights)
    both = recall > 0 and precision > 0
    found = {
        "R": _mean(said, reference.weights),
        "P": _mean(backed, answer.weights),
        "Rd": recall,
        "Pd": precision,
        "Rn": _mean(said, reference.weights * new),
        "gain": _mean(np.maximum(said - r_asked, 0), reference.weights * new),
        "F": 2 * recall * precision / (recall + precision) if both else 0.0,
        "asked": _mean(a_asked, answer.weights),
    }
    if layer in LAYERS[-2:]:
        rows = [list(clause) for clause in reference.clauses]
        clauses = [_mean(said[row], r_weights[row]) for row in rows] if answer.pieces else []
        found |= {
            "clauses": float(np.mean(clauses)) if clauses else 0.0,
            "least": min(clauses, default=0.0),
            "most": max(clauses, default=0.0),
            "met": float(np.mean([value > _MET for value in clauses])) if clauses else 0.0,
            "low": float(np.quantile(said, 0.2)) if said.size else 0.0,
        }
    return {f"h{layer}_{name}": value for name, value in found.items()}


def _grams(question: TextView, reference: TextView, answer: TextView) -> dict[str, float]:
    shared = (answer.grams & reference.grams).total()
    new = reference.grams - question.grams
    return {
        "grams_R": shared / max(reference.grams.total(), 1),
        "grams_P": shared / max(answer.grams.total(), 1),
        "grams_Rn": (answer.grams & new).total() / max(new.total(), 1),
    }


def _pooled(question: TextView, reference: TextView, answer: TextView) -> dict[str, float]:
    a, r, q = answer.pooled, reference.pooled, question.pooled
    asked = float(a @ q)
    rest = unit(a - asked * q) @ unit(r - float(r @ q) * q)
    cosine = float(a @ r)
    return {"cos": cosine, "cos_question": asked, "cos_rest": float(rest), "cos_gain": cosine - asked}


def _best(rows: Floats, others: Floats) -> Floats:
    """The closest of the others to each row, as a cosine; 0 where there are none."""
    if not len(rows) or not len(others):
        return np.zeros(len(rows), np.float32)
    best: Floats = (rows @ others.T).max(1)
    return best


def _mean(values: Floats, weights: Floats) -> float:
    total = float(weights.sum())
    return float((values * weights).sum()) / total if total > 0 else 0.0


def vector(found: Mapping[str, float], names: Sequence[str]) -> list[float]:
    """The features in the order of `names`. Raises `KeyError` for one that is not known."""
    return [found[name] for name in names]
