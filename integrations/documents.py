"""Plain text from the files that job descriptions come in: text, Word (ECMA-376) and PDF (ISO 32000).

What a file is, is read from its bytes; its name may lie. The reader keeps nothing and opens no link.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from typing import Literal

import docx
import pypdf
from defusedxml.ElementTree import fromstring
from docx.document import Document
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph
from pypdf.errors import PyPdfError

MAX_BYTES = 5 * 1024 * 1024
MAX_PAGES = 200
MAX_UNPACKED = 50 * 1024 * 1024  # of a Word file's parts together
MAX_PARTS = 2000
MAX_RATIO = 200  # of one part's size to what it takes in the file
MAX_TEXT = 500_000  # characters

Code = Literal["too-large", "too-many-pages", "encrypted", "damaged", "no-text", "unsupported"]

_ENCODINGS = ("utf-8-sig", "gb18030")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class DocumentError(Exception):
    """`code` says why there is no text; the message is for the log and quotes nothing of the file."""

    def __init__(self, code: Code, why: str = "") -> None:
        super().__init__(f"{code}: {why}" if why else code)
        self.code = code


def plain_text(data: bytes) -> str:
    """The text in reading order, a line per paragraph or table row. Raises DocumentError.

    Blocking: a long PDF may take seconds.
    """
    if len(data) > MAX_BYTES:
        raise DocumentError("too-large", f"{len(data)} bytes")
    if b"%PDF-" in data[:1024]:
        text = _pdf(data)
    elif data[:4] == b"PK\x03\x04":
        text = _docx(data)
    elif data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        # Old .doc files are of this container, and so is a .docx that was locked with a password.
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise DocumentError("encrypted" if locked else "unsupported", "compound file")
    else:
        text = _decoded(data)
    tidy = _tidy(text)
    if not any(char.isalnum() for char in tidy):
        raise DocumentError("no-text")
    if len(tidy) > MAX_TEXT:
        raise DocumentError("too-large", f"{len(tidy)} characters")
    return tidy


def _pdf(data: bytes) -> str:
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        # Many files are locked for editing only: those open with the empty password.
        if reader.is_encrypted and not reader.decrypt(""):
            raise DocumentError("encrypted")
        if len(reader.pages) > MAX_PAGES:
            raise DocumentError("too-many-pages", str(len(reader.pages)))
        pages: list[str] = []
        for page in reader.pages:
            pages.append(page.extract_text())
            if sum(map(len, pages)) > MAX_TEXT:
                raise DocumentError("too-large", "text")
    except DocumentError:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise DocumentError("damaged", type(error).__name__) from error
    except (NotImplementedError, ImportError) as error:  # a cipher or filter that is not to be had
        raise DocumentError("unsupported", type(error).__name__) from error
    return "\n".join(pages)


def _docx(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _bounded(archive)
            if "word/document.xml" not in archive.namelist():
                raise DocumentError("unsupported", "a zip without word/document.xml")
            # Entities would be expanded by the parser below: a document that declares any is refused first.
            fromstring(archive.read("word/document.xml"), forbid_dtd=True)
        document: Document = docx.Document(io.BytesIO(data))
        return "\n".join(_lines(document))
    except DocumentError:
        raise
    except (
        OpcError,
        zipfile.BadZipFile,
        ValueError,
        KeyError,
        SyntaxError,
        EOFError,
        RuntimeError,
        OSError,
    ) as error:
        raise DocumentError("damaged", type(error).__name__) from error


def _bounded(archive: zipfile.ZipFile) -> None:
    """Raises DocumentError for a zip bomb, before anything of it is unpacked."""
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise DocumentError("encrypted")
    total = sum(part.file_size for part in parts)
    ratio = max((p.file_size / max(1, p.compress_size) for p in parts if p.file_size > 100_000), default=0.0)
    if len(parts) > MAX_PARTS or total > MAX_UNPACKED or ratio > MAX_RATIO:
        raise DocumentError("too-large", f"{len(parts)} parts, {total} bytes unpacked")


def _lines(document: Document) -> Iterable[str]:
    """Paragraphs and tables in the order of the body."""
    for child in document.element.body.iterchildren():
        if child.tag == qn("w:p"):
            yield Paragraph(child, document).text
        elif child.tag == qn("w:tbl"):
            yield from _rows(Table(child, document))


def _rows(table: Table) -> Iterable[str]:
    """A line per row; a merged cell comes up once for each column that it spans, and is told once."""
    for row in table.rows:
        cells = {id(cell._tc): "\n".join(p.text for p in cell.paragraphs) for cell in row.cells}
        nested = [line for cell in row.cells for inner in cell.tables for line in _rows(inner)]
        yield "\t".join(text.strip() for text in cells.values() if text.strip())
        yield from dict.fromkeys(nested)


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = () if b"\x00" in data else _ENCODINGS
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DocumentError("unsupported", "neither text, Word nor PDF")


def _tidy(text: str) -> str:
    """Without control characters (a form feed ends a page), trailing blanks and runs of empty lines."""
    clean = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n"))
    lines = "\n".join(line.rstrip() for line in clean.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()
