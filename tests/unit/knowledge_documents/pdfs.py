"""PDFs made by hand: pages of lines, each with a size and a typeface."""

import io
from collections.abc import Sequence

import pypdf

FONTS = {"plain": "Helvetica", "bold": "Helvetica-Bold", "mono": "Courier"}


def line(text: str, size: int = 10, font: str = "plain") -> tuple[str, int, str]:
    return text, size, font


PICTURE = (
    "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\n"
    "stream\n0\nendstream"
)


def pdf(pages: Sequence[Sequence[tuple[str, int, str]]], *, title: str = "", pictures: bool = False) -> bytes:
    """A PDF of `pages`, whose lines stand one below the other, and what tabs separate side by side.

    Args:
        pictures: every page holds a picture as well.
    """
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", PICTURE]
    held = "/XObject << /Picture 3 0 R >>" if pictures else ""
    names = list(FONTS)
    fonts = " ".join(
        f"/{name} << /Type /Font /Subtype /Type1 /BaseFont /{FONTS[name]} /Encoding /WinAnsiEncoding >>"
        for name in names
    )
    kids: list[str] = []
    for lines in pages:
        top = 780
        drawing: list[str] = []
        for text, size, font in lines:
            escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            for column, part in enumerate(escaped.split("\t")):
                place = (
                    f"q 1 0 0 1 {50 + 150 * column} {top} cm BT 1 0 0 1 0 2 Tm"
                    if "\t" in text
                    else f"BT 1 0 0 1 50 {top} Tm"
                )
                end = "T* ET Q" if "\t" in text else "ET"
                drawing.append(f"{place} /{font} {size} Tf {size} TL ({part}) Tj {end}")
            top -= size + 4
        stream = "\n".join(drawing)
        objects.append(f"<< /Length {len(stream.encode('cp1252'))} >>\nstream\n{stream}\nendstream")
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 842] /Contents {len(objects)} 0 R"
            f" /Resources << /Font << {fonts} >> {held} >> >>"
        )
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    objects.append(f"<< /Title ({title}) >>")
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    places: list[int] = []
    for number, content in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n{content}\nendobj\n".encode("cp1252"))
    table = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.write("".join(f"{place:010} 00000 n \n" for place in places).encode())
    out.write(
        f"trailer << /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()
    )
    return out.getvalue()


def locked(content: bytes, password: str) -> bytes:
    """The same PDF, encrypted so that it opens with `password` only."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(content))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
