"""Sealed files, wrapped keys, the store in a folder and elsewhere, and what a kill -9 leaves."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import pytest

from media.record.items import Segment
from storage.keys import MasterKey, key_file, read_key
from storage.sealed_file import CHUNK, SealBroken, SealedReader, SealedWriter, seal
from storage.segments import SegmentStore

KEY = bytes(range(32))


def opened(sealed: bytes, name: str = "a", key: bytes = KEY) -> SealedReader:
    return SealedReader(io.BytesIO(sealed), len(sealed), key, name)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_any_range_is_read_without_the_rest(size: int) -> None:
    plain = os.urandom(size)
    reader = opened(seal(plain, KEY, "a"))
    assert (reader.size, reader.read()) == (size, plain)
    for start, end in ((0, 10), (CHUNK - 5, CHUNK + 5), (size // 2, size), (size, size + 9)):
        assert reader.read(start, end) == plain[start:end]


def test_only_the_chunks_of_the_range_are_touched() -> None:
    sealed = bytearray(seal(bytes(4 * CHUNK), KEY, "a"))
    sealed[-1] ^= 1
    reader = opened(bytes(sealed))
    assert reader.read(0, 2 * CHUNK) == bytes(2 * CHUNK)
    with pytest.raises(SealBroken):
        reader.read(3 * CHUNK, 3 * CHUNK + 1)


def test_what_was_changed_moved_or_cut_off_does_not_open() -> None:
    sealed = seal(os.urandom(2 * CHUNK), KEY, "a")
    piece = CHUNK + 16
    swapped = sealed[:40] + sealed[40 + piece :] + sealed[40 : 40 + piece]
    for broken in (sealed[: 40 + piece], swapped, sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(SealBroken):
            opened(broken).read()
    with pytest.raises(SealBroken):
        opened(sealed, name="b").read()
    with pytest.raises(SealBroken):
        opened(sealed, key=bytes(32)).read()
    with pytest.raises(SealBroken):
        opened(b"VIVASEG1" + bytes(10))


@pytest.mark.parametrize("front", [1, CHUNK, 2 * CHUNK + 1])
@pytest.mark.parametrize("size", [100, CHUNK, 5 * CHUNK + 3])
def test_a_writer_comes_back_to_the_front_alone(front: int, size: int) -> None:
    file, plain = io.BytesIO(), bytearray(os.urandom(size))
    writer = SealedWriter(file, KEY, "a", front)
    for at in range(0, size, 10_000):
        writer.write(bytes(plain[at : at + 10_000]))
    writer.seek(50)
    writer.write(b"index")
    plain[50:55] = b"index"
    if size > 3 * CHUNK + 10:
        writer.seek(3 * CHUNK + 5)
        with pytest.raises(OSError, match="forwards"):
            writer.write(b"no")
    writer.close()
    assert opened(file.getvalue()).read() == bytes(plain)


def test_keys(tmp_path: Path) -> None:
    path = tmp_path / "home" / "media-key"
    key = key_file(path)
    assert key_file(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key(key.hex()) == key
    with pytest.raises(ValueError, match="32 bytes") as refused:
        read_key("c2VjcmV0")
    assert "c2VjcmV0" not in str(refused.value)
    data_key, wrapped = MasterKey(key).new()
    assert data_key not in wrapped
    assert MasterKey(key).open(wrapped) == data_key
    with pytest.raises(SealBroken):
        MasterKey(KEY).open(wrapped)


def segment(number: int, size: int = 3) -> Segment:
    return Segment(
        number=number,
        start=number,
        end=number + 1,
        container="webm",
        video=None,
        audio="opus",
        frames=1,
        keys=(),
        size=size,
        sha256="0",
    )


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> SegmentStore:
    """A folder, and fsspec's own in-memory files in the place of an object store."""
    url = str(tmp_path / "kept") if request.param == "folder" else f"memory://{tmp_path.name}"
    return SegmentStore(url, MasterKey(KEY))


def test_kept_listed_read_and_deleted_with_a_receipt(store: SegmentStore) -> None:
    writer = store.writer("s1")
    assert writer.next_number() == 1
    for number in (1, 2):
        writer.put(segment(number), b"abc")
    again = store.writer("s1")  # after a restart
    assert again.next_number() == 3
    again.put(segment(3), b"def")
    assert [line["number"] for line in store.index("s1")] == [1, 2, 3]
    assert [store.read("s1", f"00000{n}.webm") for n in (1, 2, 3)] == [b"abc", b"abc", b"def"]
    assert store.sessions() == ["s1"]
    assert store.age_s("s1") < 60
    for name in ("../key", "key", "index.jsonl", "000009.webm"):
        with pytest.raises(FileNotFoundError):
            store.read("s1", name)
    assert store.index("../s1") == []
    receipt = store.delete("s1")
    assert receipt
    assert (receipt.session, receipt.segments) == ("s1", 3)
    assert store.sessions() == []
    assert store.index("s1") == []
    assert store.delete("s1") is None


def test_a_full_disk_leaves_neither_half_a_file_nor_a_line(tmp_path: Path) -> None:
    """A file size limit of the process stands for the disk: the kernel refuses the write half-way."""
    store = SegmentStore(str(tmp_path), MasterKey(KEY))
    store.writer("s1").put(segment(1), b"abc")
    code = f"""
import resource, signal
from storage.keys import MasterKey
from storage.segments import SegmentStore
from tests.storage.test_segments import segment, KEY
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    SegmentStore({str(tmp_path)!r}, MasterKey(KEY)).writer("s1").put(segment(2), bytes(300_000))
except OSError:
    print("refused")
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == "refused"
    assert sorted(path.name for path in (tmp_path / "s1").iterdir()) == ["000001.webm", "index.jsonl", "key"]
    assert len(store.index("s1")) == 1


RECORDER = """
import sys, time
from bench.clip import encode
from media.record.cutter import Cutter
from media.record.recording import Recording
from media.worker import Worker
from storage.keys import MasterKey
from storage.segments import SegmentStore
from tests.media.record.conftest import sent
from tests.storage.test_segments import KEY
clip = encode(None, seconds=4.0)
sink = SegmentStore(sys.argv[1], MasterKey(KEY)).writer("s1")
told = lambda segment: print(segment.number, flush=True)
recording = Recording(sink, Worker("r"), lambda: None, lambda *a: None, told, cutter=Cutter(target_s=1.0))
for turn in range(10_000):
    for frame, at in sent(clip, start=turn * 4.0):
        recording.on_frame(frame, at)
    time.sleep(0.02)
"""


def test_a_kill_loses_at_most_the_last_segment(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", RECORDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        last = 0
        while last < 12:
            line = process.stdout.readline()
            assert line, "the recorder ended by itself"
            last = int(line)
        time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        told = [int(line) for line in process.stdout.read().split()]
        process.stdout.close()
        process.wait()
    last = max([last, *told])
    store = SegmentStore(str(tmp_path), MasterKey(KEY))
    lines = store.index("s1")
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    assert len(lines) >= last  # what was told as kept is there
    for line in lines:
        found = Segment.model_validate(line)
        with av.open(io.BytesIO(store.read("s1", found.name)), "r") as container:
            assert sum(1 for _ in container.decode(video=0)) > 10
    assert store.writer("s1").next_number() == len(lines) + 1
