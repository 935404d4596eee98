"""Why a picture cannot be used, as codes and as sentences for the person who took it.

The names follow the quality components of ISO/IEC 29794-5 and 39794-5 where they have one.
"""

from __future__ import annotations

from typing import Literal

Code = Literal[
    "file_too_large",
    "unsupported_format",
    "too_many_pixels",
    "truncated",
    "no_card",
    "no_face",
    "several_faces",
    "inter_eye_distance",
    "face_cut_off",
    "head_pose",
    "eyes_closed",
    "under_exposure",
    "over_exposure",
    "backlight",
    "out_of_focus",
]

SENTENCES: dict[Code, dict[Literal["en", "zh"], str]] = {
    "file_too_large": {"en": "The file is too large.", "zh": "文件过大。"},
    "unsupported_format": {
        "en": "The file is no JPEG, PNG or WebP picture.",
        "zh": "文件不是 JPEG、PNG 或 WebP 图片。",
    },
    "too_many_pixels": {"en": "The picture has too many pixels.", "zh": "图片像素过多。"},
    "truncated": {
        "en": "The picture is damaged or was not uploaded completely.",
        "zh": "图片已损坏或未上传完整。",
    },
    "no_card": {
        "en": "No card was found: show it whole, with all four corners, before a plain background.",
        "zh": "未找到证件：请在纯色背景前完整展示证件，露出四个角。",
    },
    "no_face": {"en": "No face was found in the picture.", "zh": "图片中未找到人脸。"},
    "several_faces": {"en": "The picture shows more than one face.", "zh": "图片中有多张人脸。"},
    "inter_eye_distance": {
        "en": "The face is too small: come closer or use a larger picture.",
        "zh": "人脸过小：请靠近镜头或使用更大的图片。",
    },
    "face_cut_off": {
        "en": "The face is cut off by the picture's edge.",
        "zh": "人脸超出了图片边缘。",
    },
    "head_pose": {
        "en": "The head is turned or tilted: look straight into the camera.",
        "zh": "头部偏转或倾斜：请正视镜头。",
    },
    "eyes_closed": {"en": "The eyes are closed.", "zh": "眼睛处于闭合状态。"},
    "under_exposure": {"en": "The face is too dark.", "zh": "人脸过暗。"},
    "over_exposure": {"en": "The face is too bright.", "zh": "人脸过亮。"},
    "backlight": {
        "en": "The light comes from behind: turn towards the light.",
        "zh": "光线来自背后：请面向光源。",
    },
    "out_of_focus": {"en": "The face is blurred.", "zh": "人脸模糊。"},
}
