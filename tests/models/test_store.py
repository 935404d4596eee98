import hashlib
from pathlib import Path

import pytest

from models import store


def test_table_is_whole() -> None:
    archives = store.archives()
    names = [data.name for archive in archives for data in archive.files]
    assert len(names) == len(set(names))
    for archive in archives:
        assert archive.registry in ("pypi", "npm")
        assert archive.licence
        assert archive.purpose
        assert archive.files
        for checksum in (archive.sha256, *(data.sha256 for data in archive.files)):
            assert len(checksum) == 64
            assert int(checksum, 16) >= 0


def test_home_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VIVA_HOME", str(tmp_path / "own"))
    assert store.home() == tmp_path / "own"
    monkeypatch.delenv("VIVA_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert store.home() == tmp_path / "cache" / "viva"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert store.home() == Path.home() / ".cache" / "viva"


def test_missing_file_names_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VIVA_HOME", str(tmp_path))
    with pytest.raises(store.WeightsMissing, match="python -m models fetch"):
        store.file("demo/two_cities.wav")
    cut_off = tmp_path / "weights" / "demo" / "two_cities.wav"
    cut_off.parent.mkdir(parents=True)
    cut_off.write_bytes(b"RIFF")
    with pytest.raises(store.WeightsMissing, match="incomplete"):
        store.file("demo/two_cities.wav")
    with pytest.raises(KeyError):
        store.file("demo/nothing.wav")


def test_verified_reads_the_bytes(tmp_path: Path) -> None:
    good = b"x" * 3_000_000
    data = store.DataFile("a/b.bin", "b.bin", hashlib.sha256(good).hexdigest(), len(good))
    (tmp_path / "a").mkdir()
    assert not store.verified(data, tmp_path)
    (tmp_path / "a" / "b.bin").write_bytes(good)
    assert store.verified(data, tmp_path)
    (tmp_path / "a" / "b.bin").write_bytes(b"y" + good[1:])
    assert not store.verified(data, tmp_path)
