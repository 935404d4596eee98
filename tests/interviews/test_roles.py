"""Branches below branches, and whose results a role may read."""

from __future__ import annotations

from interviews.roles import HEAD, Branch, own_results_only, policy_of, reach


def _branch(id_: str, parent: str | None) -> Branch:
    return Branch(id=id_, parent=parent, name={"en": id_})


TREE = [_branch(HEAD, None), _branch("east", HEAD), _branch("west", HEAD), _branch("shanghai", "east")]


def test_reach_is_the_branch_and_all_below_it() -> None:
    assert reach(TREE, HEAD) == {HEAD, "east", "west", "shanghai"}
    assert reach(TREE, "east") == {"east", "shanghai"}
    assert reach(TREE, "shanghai") == {"shanghai"}


def test_nobody_reaches_anything_from_an_unknown_branch() -> None:
    assert reach(TREE, "north") == frozenset()
    assert reach([_branch("a", "lost")], "lost") == frozenset()


def test_a_ring_ends() -> None:
    assert reach([_branch("a", "b"), _branch("b", "a")], "a") == {"a", "b"}


def test_a_recruiter_reads_the_results_of_their_own_interviews_alone() -> None:
    assert own_results_only("recruiter")
    assert not own_results_only("hiring-manager")


def test_the_policy_is_that_of_the_nearest_branch_that_has_one() -> None:
    tree = [one.model_copy(update={"policy": "EU"}) if one.id == "east" else one for one in TREE]
    assert policy_of(tree, "east") == policy_of(tree, "shanghai") == "EU"
    assert policy_of(tree, "west") is policy_of(tree, HEAD) is policy_of(tree, "nowhere") is None
    ring = [_branch("a", "b"), _branch("b", "a")]
    assert policy_of(ring, "a") is None
