"""The content of a server: an application's files and a database's rows, from a seed."""

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_WORDS = (
    "order",
    "basket",
    "invoice",
    "client",
    "garden",
    "harbour",
    "winter",
    "ticket",
    "member",
    "letter",
    "market",
    "window",
    "planet",
    "river",
    "engine",
    "signal",
    "bridge",
    "cloud",
)
_TABLES = """
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, joined TEXT);
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER, title TEXT, body TEXT, views INTEGER);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER, total REAL, paid INTEGER, note TEXT);
CREATE TABLE attachments (id INTEGER PRIMARY KEY, post_id INTEGER, content BLOB);
CREATE INDEX posts_of_user ON posts (user_id);
"""
_TEXT_FILES = (
    "index.php",
    "config/app.php",
    "config/mail.php",
    "templates/header.php",
    "templates/footer.php",
    "templates/pages/home.html",
    "templates/pages/contact.html",
    "assets/css/site.css",
    "assets/css/print.css",
    "assets/js/menu.js",
    "content/uploads/2025/notes über uns.txt",
)


@dataclass(frozen=True)
class Volume:
    """The amount of content in one application.

    Attributes:
        pages: HTML pages, in addition to the fixed files.
        images: binary files.
        image_bytes: size of each binary file.
        rows: rows in the largest table of its database.
    """

    pages: int
    images: int
    image_bytes: int
    rows: int


DEMO_VOLUME = Volume(pages=12, images=5, image_bytes=24_000, rows=400)
SMALL_VOLUME = Volume(pages=2, images=1, image_bytes=2_000, rows=20)


def write_application(folder: Path, name: str, volume: Volume, seed: int) -> int:
    """Write an application's files and return their size in bytes."""
    random_ = random.Random(f"{seed}-{name}-files")  # noqa: S311 - content, not a secret
    texts = [
        *_TEXT_FILES,
        *(f"content/articles/{n // 10:02d}/article-{n:03d}.html" for n in range(volume.pages)),
    ]
    size = 0
    for path in texts:
        size += _write(folder / path, _text(random_, name, path).encode())
    for number in range(volume.images):
        size += _write(folder / f"content/uploads/2025/photo-{number:02d}.jpg", _image(random_, volume.image_bytes))
    return size + _write(folder / ".env", f"APP_NAME={name}\nAPP_ENV=production\n".encode())


def write_database(path: Path, name: str, volume: Volume, seed: int) -> int:
    """Write a database of several tables and return its size in bytes."""
    random_ = random.Random(f"{seed}-{name}-rows")  # noqa: S311 - content, not a secret
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(_TABLES)
        _fill(connection, random_, volume.rows)
        connection.commit()
    return path.stat().st_size


def _fill(connection: sqlite3.Connection, random_: random.Random, rows: int) -> None:
    users = max(2, rows // 4)
    names = [f"{random_.choice(_WORDS)} {random_.choice(_WORDS)}".title() for _ in range(users)]
    connection.executemany(
        "INSERT INTO users (name, email, joined) VALUES (?, ?, ?)",
        [(name, f"{name.replace(' ', '.').lower()}@example.org", "2025-01-15") for name in names],
    )
    connection.executemany(
        "INSERT INTO posts (user_id, title, body, views) VALUES (?, ?, ?, ?)",
        [
            (
                random_.randint(1, users),
                _sentence(random_, 4),
                _sentence(random_, 24),
                random_.randrange(9999),
            )
            for _ in range(rows)
        ],
    )
    connection.executemany(
        "INSERT INTO orders (user_id, total, paid, note) VALUES (?, ?, ?, ?)",
        [
            (
                random_.randint(1, users),
                round(random_.random() * 500, 2),
                random_.randint(0, 1),
                'it\'s paid; "fine"',
            )
            for _ in range(rows // 2)
        ],
    )
    connection.executemany(
        "INSERT INTO attachments (post_id, content) VALUES (?, ?)",
        [(number, random_.randbytes(64)) for number in range(1, users)],
    )


def _text(random_: random.Random, name: str, path: str) -> str:
    lines = "\n".join(_sentence(random_, 10) for _ in range(30))
    if path.endswith(".php"):
        return f"<?php\n// {name}: {path}\n/*\n{lines}\n*/\n"
    if path.endswith(".css"):
        return "".join(f".{word} {{ margin: {random_.randrange(40)}px; }}\n" for word in _WORDS)
    if path.endswith(".html"):
        return f"<!doctype html>\n<title>{name}</title>\n<main>\n{lines}\n</main>\n"
    return f"{name}: grüße\n{lines}\n"


def _image(random_: random.Random, size: int) -> bytes:
    return b"\xff\xd8\xff\xe0" + random_.randbytes(size) + b"\xff\xd9"


def _sentence(random_: random.Random, words: int) -> str:
    return " ".join(random_.choices(_WORDS, k=words))


def _write(path: Path, content: bytes) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return len(content)
