"""Small PDF, Word and EPUB documents for tests, written by hand so that each byte is known."""

import io
import zipfile
import zlib

SCHEMAS = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-"
TYPES = (
    f'<?xml version="1.0"?><Types xmlns="{SCHEMAS}/content-types">'
    f'<Default Extension="rels" ContentType="{KIND}package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" '
    f'ContentType="{KIND}officedocument.wordprocessingml.document.main+xml"/>'
    f'<Override PartName="/docProps/core.xml" ContentType="{KIND}package.core-properties+xml"/>'
    "</Types>"
)
RELATIONS = (
    '<?xml version="1.0"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="word/document.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>'
    '<Relationship Id="r2" Target="docProps/core.xml" Type='
    '"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"/>'
    "</Relationships>"
)
CORE = (
    '<?xml version="1.0"?><cp:coreProperties '
    'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:creator>Ann Lee</dc:creator>'
    '<dc:title>Core title</dc:title><dcterms:created xsi:type="dcterms:W3CDTF">'
    "2024-05-30T10:00:00Z</dcterms:created></cp:coreProperties>"
)
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx(body: str, author: str = "Ann Lee", **parts: str | bytes) -> bytes:
    """Return a Word document whose body is this WordprocessingML."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", RELATIONS)
        archive.writestr("docProps/core.xml", CORE.replace("Ann Lee", author))
        archive.writestr(
            "word/document.xml",
            f'<?xml version="1.0"?><w:document {W}><w:body>{body}</w:body></w:document>',
        )
        for name, content in parts.items():
            archive.writestr(f"word/{name}", content)
    return packed.getvalue()


def paragraph(text: str, style: str = "", marks: str = "") -> str:
    """Return one paragraph of a Word document."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    words = f'<w:t xml:space="preserve">{text}</w:t>'
    return f"<w:p>{properties}<w:r><w:rPr>{marks}</w:rPr>{words}</w:r></w:p>"


def epub(*pages: str, about: str = "", nav: str = "") -> bytes:
    """Return an EPUB of pages, given as what stands in their bodies; `about` is its metadata."""
    packed = io.BytesIO()
    manifest = spine = ""
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>'
            "</rootfiles></container>",
        )
        for number, body in enumerate((nav, *pages) if nav else pages):
            mark = ' properties="nav"' if nav and not number else ""
            manifest += (
                f'<item id="i{number}" href="text/page%20{number}.xhtml"{mark} '
                'media-type="application/xhtml+xml"/>'
            )
            spine += f'<itemref idref="i{number}"/>'
            archive.writestr(
                f"OEBPS/text/page {number}.xhtml",
                '<?xml version="1.0" encoding="utf-8"?>'
                f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html>',
            )
        archive.writestr(
            "OEBPS/book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf"><metadata '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/">{about}</metadata>'
            f"<manifest>{manifest}</manifest><spine>{spine}</spine></package>",
        )
    return packed.getvalue()


def pdf(*pages: str, info: str = "", more: dict[int, bytes] | None = None) -> bytes:
    """Return a PDF whose pages are these content streams, in Helvetica as /F1."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(count))
    objects: dict[int, bytes] = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    }
    for n, content in enumerate(pages):
        stream = zlib.compress(content.encode("cp1252"))
        objects[4 + 2 * n] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * n} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        ).encode()
        objects[5 + 2 * n] = (
            f"<< /Length {len(stream)} /Filter /FlateDecode >>\nstream\n".encode()
            + stream
            + b"\nendstream"
        )
    objects[4 + 2 * count] = f"<< {info} >>".encode()
    return _written(objects | (more or {}), 4 + 2 * count)


def _written(objects: dict[int, bytes], info: int) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, content in sorted(objects.items()):
        places[number] = len(out)
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start, size = len(out), max(objects) + 1
    out += f"xref\n0 {size}\n0000000000 65535 f \n".encode()
    out += b"".join(b"%010d 00000 n \n" % places.get(n, 0) for n in range(1, size))
    out += f"trailer << /Size {size} /Root 1 0 R /Info {info} 0 R >>\n".encode()
    return bytes(out + f"startxref\n{start}\n%%EOF\n".encode())


def lines(*texts: str, top: int = 780, left: int = 60, size: int = 11, lead: int = 14) -> str:
    """Return a content stream that writes lines one below the other; "" leaves one out."""
    out = []
    for n, text in enumerate(texts):
        if text:
            shown = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            out.append(f"BT /F1 {size} Tf {left} {top - n * lead} Td ({shown}) Tj ET")
    return "\n".join(out)
