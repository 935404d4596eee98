from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

from storage.spoken import SpokenFiles, key

A, B = key("voice", "en", "a"), key("voice", "en", "b")


def test_what_decides_the_sound_decides_the_name() -> None:
    names = {key("v1", "en", "a"), key("v2", "en", "a"), key("v1", "zh", "a"), key("v1", "en", "b")}
    assert len(names) == 4
    assert key("v1", "en", "a") == key("v1", "en", "a")


def test_files_are_whole_private_and_named_by_their_bytes(tmp_path: Path) -> None:
    files = SpokenFiles(tmp_path / "spoken")
    assert files.read(A, "ogg") is None
    files.keep(A, {"ogg": b"OggS", "mp4": b"ftyp"})
    first = files.read(A, "ogg")
    again = files.read(A, "ogg")
    assert first is not None
    assert (first.data, first) == (b"OggS", again)  # reading does not change the tag
    assert files.has(A, ("ogg", "mp4"))
    assert not files.has(B, ("ogg",))
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "spoken").iterdir()] == [0o600, 0o600]
    os.utime(tmp_path / "spoken" / f"{A}.ogg", (1, 1))
    changed = files.read(A, "ogg")
    assert changed is not None
    assert changed.etag != first.etag


def test_only_keys_are_names(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="names no spoken file"):
        SpokenFiles(tmp_path).read("../secret", "ogg")


def test_the_longest_unheard_go_first(tmp_path: Path) -> None:
    files = SpokenFiles(tmp_path)
    files.keep(A, {"ogg": b"x" * 100})
    files.keep(B, {"ogg": b"x" * 100})
    for one, heard in ((A, 100), (B, 200)):
        os.utime(tmp_path / f"{one}.ogg", (heard, heard))
    assert files.read(A, "ogg") is not None  # heard just now
    (tmp_path / "note.txt").write_text("not ours")
    assert files.tidy(200) == 0
    assert files.tidy(150) == 1
    assert files.read(B, "ogg") is None
    assert files.read(A, "ogg") is not None
    assert (tmp_path / "note.txt").exists()


def _turn(folder: str, answers: multiprocessing.Queue[bool]) -> None:
    with SpokenFiles(Path(folder)).turn() as mine:
        answers.put(mine)


def test_one_process_at_a_time_has_the_turn(tmp_path: Path) -> None:
    files, context = SpokenFiles(tmp_path), multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[bool] = context.Queue()

    def other() -> bool:
        process = context.Process(target=_turn, args=(str(tmp_path), answers))
        process.start()
        process.join(30)
        return answers.get(timeout=5)

    with files.turn() as mine:
        assert mine
        assert not other()
    assert other()
    answers.close()
    answers.join_thread()
