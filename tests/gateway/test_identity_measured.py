"""Whole way, real people: WebRTC, VP8, crops, the real embedder. The photo is a frame of another second of
the same clip, or of another person's. All face the camera: whoever does not is turned down, as meant."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import av
import numpy as np
import pytest
from PIL import Image

from bench.clip import EncodedClip, encode
from gateway.server import Server
from gateway.settings import Settings
from tests.gateway.conftest import API_TOKEN, MEDIA, SILENT, Running
from tests.gateway.real_faces import RealFaces
from tests.gateway.test_identity_api import ask, send
from tests.models.eval_set import folder

pytestmark = pytest.mark.eval
PHOTO_S = 3.5  # after what is sent live


def photo(clip: Path, at: float) -> bytes:
    """The frame nearest after a time, as a JPEG."""
    with av.open(str(clip)) as container:
        frame = next(f for f in container.decode(video=0) if (f.time or 0.0) >= at)
        stream = BytesIO()
        Image.fromarray(np.asarray(frame.to_ndarray(format="rgb24"))).save(stream, "JPEG", quality=92)
    return stream.getvalue()


def live(clip: Path) -> EncodedClip:
    return encode(clip, seconds=3.0).only(audio=False)


@pytest.fixture
async def faces(tmp_path: Path) -> Any:
    server = Server(
        Settings(data=tmp_path, port=0, api_token=API_TOKEN, media=MEDIA, spoken=SILENT), inference=RealFaces
    )
    await server.start()
    await server.ready(30)
    async with aiohttp.ClientSession() as http:
        yield Running(server, lambda: server.service.shared.inference, http)  # type: ignore[arg-type, return-value]
    await server.stop()


@pytest.mark.parametrize(
    ("before_camera", "on_photo", "outcome"),
    [
        ("pyfeat_WolfgangLanger_Pexels.mp4", "pyfeat_WolfgangLanger_Pexels.mp4", "match"),
        ("retalk_2.mp4", "retalk_2.mp4", "match"),
        ("visualvoice_noisy_restaurant.mp4", "visualvoice_noisy_restaurant.mp4", "match"),
        ("hdtf_WDA_AlexandriaOcasioCortez_000.mp4", "retalk_3.mp4", "match"),  # she, cut another way
        ("pyfeat_WolfgangLanger_Pexels.mp4", "fer_test.mp4", "no-match"),
        ("retalk_2.mp4", "retalk_3.mp4", "no-match"),
        ("visualvoice_noisy_restaurant.mp4", "pyfeat_WolfgangLanger_Pexels.mp4", "no-match"),
    ],
)
async def test_the_person_on_the_photo_is_told_from_another(
    faces: Running, before_camera: str, on_photo: str, outcome: str
) -> None:
    videos = folder("video")
    session = await faces.create()
    status, body = await send(faces, session, photo(videos / on_photo, PHOTO_S))
    assert status == 200, body
    async with faces.peer(session, live(videos / before_camera)) as peer:
        await peer.connect()
        await faces.until(session["id"], "face.measured")
        status, found = await ask(faces, session, "verify", hr=True)
    assert status == 200, found
    assert found["outcome"] != "insufficient", found
    print(f"{before_camera} before the camera, {on_photo} on the photo: {found['similarity']:.3f}")
    assert (found["outcome"], found["frames"]) == (outcome, 5)
    assert found["model"] == "faceplugin-fr-feature@0.0.1"
