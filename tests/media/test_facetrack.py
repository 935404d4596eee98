"""Tracks, counts and hints from boxes alone."""

from __future__ import annotations

import pytest

from media.facetrack import Box, FaceTracks, Track, iou
from media.framing import FaceCount, FaceLight, Framing
from media.items import Hint, HintChanged
from media.settings import FramingSettings

SETTINGS = FramingSettings()
GOOD: Box = (0.4, 0.3, 0.2, 0.35)


def light(brightness: float, **others: float) -> FaceLight:
    return FaceLight(brightness, others.get("backlight", 0.0), others.get("focus", 900.0))


def test_intersection_over_union() -> None:
    assert iou(GOOD, GOOD) == pytest.approx(1)
    assert iou((0, 0, 0.5, 1), (0.25, 0, 0.5, 1)) == pytest.approx(1 / 3)
    assert iou((0, 0, 0.1, 0.1), (0.5, 0.5, 0.1, 0.1)) == 0


def test_a_face_keeps_its_id_while_it_moves_and_gets_a_new_one_after_an_absence() -> None:
    tracks = FaceTracks(SETTINGS)
    for step in range(20):
        (track,) = tracks.update(step / 4, [(0.2 + step * 0.02, 0.3, 0.2, 0.35)])
        assert track.id == 1
    assert tracks.update(5.2, []) == []
    assert tracks.update(6.0, [(0.58, 0.3, 0.2, 0.35)])[0].id == 1
    assert tracks.update(9.0, [(0.58, 0.3, 0.2, 0.35)])[0].id == 2


def test_two_faces_do_not_swap_and_the_candidate_stays_the_candidate() -> None:
    tracks = FaceTracks(SETTINGS)
    first: Box = (0.1, 0.3, 0.2, 0.35)
    (track,) = tracks.update(0, [first])
    main = tracks.main([track])
    assert main is not None
    for step in range(1, 10):
        other: Box = (0.6, 0.3, 0.22, 0.36)  # somebody slightly nearer
        boxes = [other, first] if step % 2 else [first, other]
        seen = tracks.update(step / 4, boxes)
        assert sorted(one.id for one in seen) == [1, 2]
        assert tracks.main(seen) is main
        assert seen[boxes.index(first)].id == 1
    seen = tracks.update(3, [first, (0.5, 0.2, 0.4, 0.7)])
    assert tracks.main(seen) is seen[1]
    assert tracks.main([]) is None


def test_the_count_is_told_when_it_holds() -> None:
    count = FaceCount(SETTINGS)
    told = [
        (item.media_time, item.faces)
        for step, faces in enumerate([1, 1, 1, 1, 2, 1, 1, 2, 2, 2, 2, 0, 1, 0, 0, 0])
        for item in count.update(step / 4, [0.9] * faces)
    ]
    assert told == [(0.5, 1), (2.25, 2), (3.75, 0)]


def test_a_count_is_told_with_how_sure_the_detector_was_of_the_least_certain_face() -> None:
    count = FaceCount(SETTINGS)
    looks = [[0.9], [0.9], [0.9], [0.95, 0.4], [0.9], [0.95, 0.6], [0.7, 0.9], [0.9, 0.8], [], [], []]
    told = [
        (item.faces, item.confidence and round(item.confidence, 3))
        for step, scores in enumerate(looks)
        for item in count.update(step / 4, scores)
    ]
    assert told == [(1, 0.9), (2, 0.7), (0, None)]  # the look before the break counts no more


@pytest.mark.parametrize(
    ("box", "brightness", "hint"),
    [
        (GOOD, 0.5, None),
        ((0.45, 0.4, 0.06, 0.1), 0.5, "closer"),
        ((0.2, 0.05, 0.6, 0.9), 0.5, "further"),
        ((0.02, 0.3, 0.2, 0.35), 0.5, "centre"),
        (GOOD, 0.1, "brighter"),
    ],
)
def test_hints(box: Box, brightness: float, hint: Hint | None) -> None:
    framing = Framing(SETTINGS, 0.15)
    told = [
        item
        for step in range(12)
        for item in framing.update(step / 4, Track(1, box, 0, step / 4), light(brightness))
        if isinstance(item, HintChanged)
    ]
    assert [item.hint for item in told] == ([hint] if hint else [])
    after = [
        item
        for step in range(12, 24)
        for item in framing.update(step / 4, Track(1, GOOD, 0, 0), light(0.5))
        if isinstance(item, HintChanged)
    ]
    assert [item.hint for item in after] == ([None] if hint else [])


def test_a_restless_camera_is_asked_to_be_steady() -> None:
    tracks, framing = FaceTracks(SETTINGS), Framing(SETTINGS, 0.15)
    hints = []
    for step in range(20):
        (track,) = tracks.update(step / 4, [(0.35 + 0.06 * (step % 2), 0.3, 0.25, 0.35)])
        hints += [x for x in framing.update(step / 4, track, light(0.5)) if isinstance(x, HintChanged)]
    assert [item.hint for item in hints] == ["steady"]


def test_a_face_at_the_limit_does_not_make_the_hint_flicker() -> None:
    framing = Framing(SETTINGS, 0.15)
    heights = [SETTINGS.far_height * (0.97 if step // 6 % 2 == 0 else 1.05) for step in range(60)]
    hints = [
        item
        for step, height in enumerate(heights)
        for item in framing.update(step / 4, Track(1, (0.45, 0.4, 0.1, height), 0, 0), light(0.5))
        if isinstance(item, HintChanged)
    ]
    assert [item.hint for item in hints] == ["closer"]


def test_a_fast_movement_keeps_the_id_and_another_size_elsewhere_does_not() -> None:
    tracks = FaceTracks(SETTINGS)
    assert tracks.update(0, [(0.3, 0.3, 0.2, 0.35)])[0].id == 1
    assert tracks.update(0.13, [(0.44, 0.3, 0.2, 0.35)])[0].id == 1  # 0.7 widths: no overlap to speak of
    assert tracks.update(0.26, [(0.8, 0.3, 0.2, 0.35)])[0].id == 2
    assert tracks.update(0.4, [(0.44, 0.3, 0.05, 0.08)])[0].id == 3


def test_after_a_cut_nobody_is_who_was_there_before() -> None:
    tracks = FaceTracks(SETTINGS)
    tracks.update(0, [GOOD])
    assert tracks.known(0.1)
    tracks.cut()
    assert not tracks.known(0.1)
    assert tracks.update(0.1, [GOOD])[0].id == 2


def test_somebody_in_the_background_is_not_the_candidate_while_the_candidate_is_hidden() -> None:
    tracks = FaceTracks(SETTINGS)
    behind: Box = (0.8, 0.1, 0.06, 0.1)
    assert tracks.main(tracks.update(0, [GOOD, behind])) is not None
    assert tracks.main(tracks.update(0.2, [behind])) is None
    late = tracks.main(tracks.update(2.0, [behind]))
    assert late is not None
    assert late.box == behind


def test_a_face_is_known_only_as_long_as_it_is_surely_seen() -> None:
    tracks = FaceTracks(SETTINGS)
    tracks.update(0, [GOOD], [True])
    for step in range(1, 8):
        tracks.update(step / 4, [GOOD], [False])
    assert not tracks.known(7 / 4)
