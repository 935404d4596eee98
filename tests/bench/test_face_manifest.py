"""Pictures and pairs as their manifests tell them; the face of a picture that it fills."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.core.face_manifest import Labelled, read_pairs, read_pictures
from bench.core.manifest import ManifestError
from bench.face_stills import find_all, find_main
from bench.face_tracks import Frame, Sampling, TrackItem, track_items
from media.faces import FaceFinder
from tests.models.faces_fixtures import placed, portrait


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        assert cv2.imwrite(str(tmp_path / f"{name}.png"), np.full((20, 3000), 90, np.uint8))
    return tmp_path


def test_columns_are_read_and_others_kept(folder: Path) -> None:
    table = folder / "set.csv"
    table.write_text("path,label,video,frame,light\na.png,real,v,7,dim\na.png,spoof,,,\n", encoding="utf-8")
    first, second = read_pictures(table)
    assert (first.video, first.frame, first.columns, first.cluster) == ("v", 7, {"light": "dim"}, "v")
    assert second.name == "a.png#3"
    assert second.cluster == second.name
    rgb = first.picture.rgb()
    assert rgb.shape == (11, 1600, 3), "grey becomes three channels, and no side is over 1600"
    assert isinstance(first, Labelled)


def test_pairs(folder: Path) -> None:
    table = folder / "pairs.csv"
    table.write_text("file_a,file_b,same\na.png,b.png,1\na.png,b.png,0\n", encoding="utf-8")
    assert [(pair.name, pair.same) for pair in read_pairs(table)] == [
        ("a.png b.png", True),
        ("a.png b.png#3", False),
    ]
    table.write_text("file_a,file_b,same\na.png,b.png,perhaps\n", encoding="utf-8")
    with pytest.raises(ManifestError, match="line 2: same must be"):
        read_pairs(table)
    table.write_text("file_a,file_b,same\na.png,c.png,1\n", encoding="utf-8")
    with pytest.raises(ManifestError, match=r"line 2: no file .*c\.png"):
        read_pairs(table)


def test_an_unreadable_picture_names_its_row(folder: Path) -> None:
    (folder / "a.png").write_bytes(b"")
    (folder / "set.csv").write_text("path,label\na.png,real\n", encoding="utf-8")
    with pytest.raises(ManifestError, match=r"set\.csv line 2: .*cannot be read as a picture"):
        read_pictures(folder / "set.csv")[0].picture.rgb()


def test_the_main_face_and_room_around_a_tight_crop() -> None:
    finder = FaceFinder.load()
    found = find_all(finder, placed((480, 640), (20, 60, 260), (380, 60, 240)))
    assert len(found) == 2
    assert found[0].box[2] < 320, "the larger face, on the left, is the main one"
    assert found[0].affect_crop().shape == (112, 112, 3)
    tight = np.ascontiguousarray(portrait()[95:160, 195:255])
    assert not find_all(finder, tight, pad=False)
    padded = find_main(finder, tight)
    assert padded is not None
    assert padded.padded
    assert find_main(finder, np.zeros((200, 200, 3), np.uint8)) is None


def test_tracks_decide_as_the_server_does() -> None:
    def video(name: str, score: float, count: int, real: bool, *cues: float) -> list[Frame]:
        return [Frame(name, 0.24 * n, score, real, name, *cues) for n in range(count)]

    moves, still = (0.0, 0.01), (2.0, 0.001)  # (border, motion within the face)
    frames = [
        *video("short", 0.99, 5, True, *moves),
        *video("live", 0.999, 60, True, *moves),
        *video("print", 0.05, 60, False, *still),
        *video("taken for live", 0.999, 60, False, *moves),
    ]
    told = {item.name: item for item in track_items(frames, 0.66)}
    short, live, caught, passed = (told[f"video {name}"] for name in dict.fromkeys(f.video for f in frames))
    assert short.ratios["track bpnrr"] == (1, 1)
    assert live.ratios == {"track bpcer": (0, 1), "track bpnrr": (0, 1), "track side bpcer": (0, 1)}
    assert caught.ratios == {"track apcer": (0, 1), "track apnrr": (0, 1), "track side apcer": (0, 1)}
    assert passed.ratios == {"track apcer": (1, 1), "track apnrr": (0, 1), "track side apcer": (1, 1)}
    assert passed.called["track side"] == ("bona-fide", "attack")


def test_a_handful_of_frames_stays_undecided_and_is_on_a_side() -> None:
    def one(count: int, score: float, real: bool, border: float, sampled: bool = True) -> TrackItem:
        frames = [
            Frame("v", n / 25, score, real, "v", border, None, sampled and n == 0) for n in range(count)
        ]
        (item,) = track_items(frames, 0.66)
        return item

    live, shown = one(1, 0.999, True, 0.0), one(3, 0.9, False, 2.5)
    assert live.ratios == {"track bpcer": (0, 1), "track bpnrr": (1, 1), "track side bpcer": (0, 1)}
    assert shown.ratios == {"track apcer": (0, 1), "track apnrr": (1, 1), "track side apcer": (0, 1)}
    never = one(2, 0.05, True, 0.0, sampled=False)  # none that the server would have asked about
    assert never.samples_taken == 0
    assert never.ratios["track bpnrr"] == (1, 1)


def test_the_server_samples_four_frames_a_second() -> None:
    rgb, box = np.zeros((240, 320, 3), np.uint8), (100.0, 60.0, 180.0, 160.0)
    sampling = Sampling()
    taken = [sampling.see(rgb, box, None, n / 25) is not None for n in range(50)]
    assert taken[:7] == [True, *[False] * 5, True]
    assert sum(taken) == 9
