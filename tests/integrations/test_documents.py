"""Texts out of files, and what is refused."""

from __future__ import annotations

import contextlib
import io
import zipfile

import docx
import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from integrations import documents
from integrations.documents import DocumentError, plain_text

JD = "数据分析师\n岗位职责：\n1、搭建指标体系；"


def word(*, table: bool = True) -> bytes:
    document = docx.Document()
    document.add_paragraph("数据分析师")
    if table:
        rows = document.add_table(2, 2)
        for at, text in enumerate(("要求", "说明", "Excel", "精通")):
            rows.cell(at // 2, at % 2).text = text
        merged = document.add_table(1, 3)
        merged.cell(0, 0).merge(merged.cell(0, 2)).text = "福利"
    document.add_paragraph("The end")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def pdf(text: str = "Data analyst", pages: int = 1, password: str | None = None, opens: str = "x") -> bytes:
    writer = pypdf.PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for _ in range(pages):
        page = writer.add_blank_page(300, 300)
        if text:
            stream = DecodedStreamObject()
            stream.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode())
            page[NameObject("/Contents")] = writer._add_object(stream)
            fonts = DictionaryObject({NameObject("/F1"): font})
            page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    if password is not None:
        writer.encrypt(password, opens, algorithm="AES-256")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(DocumentError) as refused:
        plain_text(data)
    return refused.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_in_the_encodings_people_send(encoding: str) -> None:
    assert plain_text(JD.replace("\n", "\r\n").encode(encoding)) == JD


def test_a_word_file_with_its_tables_in_order() -> None:
    assert plain_text(word()).split("\n") == ["数据分析师", "要求\t说明", "Excel\t精通", "福利", "The end"]


def test_a_pdf_page_by_page() -> None:
    assert plain_text(pdf(pages=2)).split() == ["Data", "analyst", "Data", "analyst"]


def test_a_pdf_that_is_only_locked_for_editing_is_read() -> None:
    assert plain_text(pdf(password="", opens="owner")) == "Data analyst"


def test_what_cannot_be_read_says_why() -> None:
    assert refusal(pdf(password="secret")) == "encrypted"
    assert refusal(pdf("")) == "no-text"
    assert refusal(pdf(pages=documents.MAX_PAGES + 1)) == "too-many-pages"
    assert refusal(pdf()[:200]) == "damaged"
    assert refusal(word()[:-300]) == "damaged"
    assert refusal(b"") == "no-text"
    assert refusal("。 \n—".encode()) == "no-text"
    assert refusal(b"a" * (documents.MAX_BYTES + 1)) == "too-large"
    assert refusal(b"a" * (documents.MAX_TEXT + 1)) == "too-large"
    assert refusal(b"\x89PNG\r\n\x1a\n\x00\x00\x00") == "unsupported"
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)) == "unsupported"
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    assert refusal(locked) == "encrypted"


def archive(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return file.getvalue()


def test_zip_bombs_are_refused_unopened() -> None:
    assert refusal(archive({"word/document.xml": bytes(60_000_000)})) == "too-large"
    assert refusal(archive({"word/document.xml": bytes(2_000_000)})) == "too-large"
    assert refusal(archive({f"p{n}": b"x" for n in range(documents.MAX_PARTS + 1)})) == "too-large"
    assert refusal(archive({"xl/workbook.xml": b"<x/>"})) == "unsupported"


def test_entities_are_not_expanded() -> None:
    laughs = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>'
    assert refusal(archive({"word/document.xml": laughs})) == "damaged"


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"%PDF-1.4\n", b"PK\x03\x04", pdf()[:500], word()[:900]])
)
def test_any_bytes_give_a_text_or_a_reason(tail: bytes, head: bytes) -> None:
    with contextlib.suppress(DocumentError):
        assert plain_text(head + tail)
