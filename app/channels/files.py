"""The files of officers that are kept, and how their type is recognised: by the declared type, checked against the first bytes
where that is cheap. Pure. A file is never opened, run or shown here."""

from collections.abc import Callable

MOST_BYTES = 16 * 1024 * 1024
"""The largest file that WhatsApp passes on."""

_Sign = Callable[[bytes], bool]


def _begins(*marks: bytes) -> _Sign:
    return lambda content: content.startswith(marks)


def _boxed(content: bytes) -> bool:
    """The containers of MP4, 3GP, M4A and HEIC."""
    return content[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"wide")


def _webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def _mpeg(content: bytes) -> bool:
    """MP3 or AAC: a tag, or the eleven set bits with which a frame begins."""
    return content.startswith((b"ID3", b"ADIF")) or (content[:1] == b"\xff" and content[1:2] >= b"\xe0")


def _plain(content: bytes) -> bool:
    return b"\0" not in content[:1024]


_OLE = _begins(b"\xd0\xcf\x11\xe0")
_ZIP = _begins(b"PK\x03\x04", b"PK\x05\x06")
_OFFICE = "application/vnd.openxmlformats-officedocument."

_KNOWN: dict[str, tuple[str, _Sign]] = {
    # content type: (ending of a file's name, what its bytes look like)
    "image/jpeg": ("jpg", _begins(b"\xff\xd8\xff")),
    "image/jpg": ("jpg", _begins(b"\xff\xd8\xff")),
    "image/png": ("png", _begins(b"\x89PNG\r\n\x1a\n")),
    "image/gif": ("gif", _begins(b"GIF8")),
    "image/webp": ("webp", _webp),
    "image/heic": ("heic", _boxed),
    "image/heif": ("heif", _boxed),
    "audio/ogg": ("ogg", _begins(b"OggS")),
    "audio/opus": ("opus", _begins(b"OggS")),
    "audio/mpeg": ("mp3", _mpeg),
    "audio/aac": ("aac", lambda content: _mpeg(content) or _boxed(content)),
    "audio/mp4": ("m4a", _boxed),
    "audio/amr": ("amr", _begins(b"#!AMR")),
    "audio/3gpp": ("3gp", _boxed),
    "audio/wav": ("wav", _begins(b"RIFF")),
    "video/mp4": ("mp4", _boxed),
    "video/3gpp": ("3gp", _boxed),
    "video/quicktime": ("mov", _boxed),
    "application/pdf": ("pdf", lambda content: b"%PDF-" in content[:1024]),
    "application/msword": ("doc", _OLE),
    "application/vnd.ms-excel": ("xls", _OLE),
    "application/vnd.ms-powerpoint": ("ppt", _OLE),
    f"{_OFFICE}wordprocessingml.document": ("docx", _ZIP),
    f"{_OFFICE}spreadsheetml.sheet": ("xlsx", _ZIP),
    f"{_OFFICE}presentationml.presentation": ("pptx", _ZIP),
    "text/plain": ("txt", _plain),
    "text/csv": ("csv", _plain),
    "text/vcard": ("vcf", _plain),
    "text/x-vcard": ("vcf", _plain),
    "text/directory": ("vcf", _plain),
}
_BY_BYTES = (
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "audio/ogg",
    "audio/amr",
    "video/mp4",
    "application/pdf",
)
"""Types that the first bytes identify with certainty."""


def examine(declared: str, served: str, content: bytes) -> tuple[str, str | None]:
    """The type under which a file is kept, and the reason for refusing it, in one word, or None.

    It must be declared, or served, as a type that is kept, and look like one: like the declared type, or else like another by
    its bytes, because carriers convert pictures and sound.
    """
    said = [plain for plain in (_plain_type(declared), _plain_type(served)) if plain in _KNOWN]
    if not content:
        return _plain_type(declared), "empty"
    if not said:
        return _plain_type(declared), "type"
    found = next((known for known in (*said, *_BY_BYTES) if _KNOWN[known][1](content)), None)
    return (said[0], "content") if found is None else (found, None)


def ending(content_type: str) -> str:
    """The ending of a file's name. `bin` for a type that is not kept."""
    known = _KNOWN.get(_plain_type(content_type))
    return known[0] if known else "bin"


def _plain_type(content_type: str) -> str:
    """Without its parameters: `audio/ogg; codecs=opus` → `audio/ogg`."""
    return content_type.partition(";")[0].strip().lower()
