"""Settings: every variable, and no token in any text."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from fleet.observed.disk_space import DiskRules
from fleet.serveravatar.account import Account
from fleet.settings.settings import Settings, SettingsError, load

TOKEN = "secret-token-0123456789"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def problem(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load().account()
    shown = f"{caught.value}{caught.value!r}{caught.value.__cause__}"
    assert TOKEN not in shown
    return str(caught.value)


def test_without_anything_but_a_token_the_vendors_api_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVERAVATAR_API_TOKEN", TOKEN)
    account = load().account()
    assert account == Account("https://api.serveravatar.com", TOKEN, "token", 60, 60.0, 0.9)
    assert account.authorization == TOKEN
    assert load().disk_rules() == DiskRules()


def test_every_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "SERVERAVATAR_API_TOKEN": f" {TOKEN}\n",
        "SERVERAVATAR_API_URL": "https://api.example.org/ ",
        "SERVERAVATAR_AUTH_SCHEME": "bearer",
        "SERVERAVATAR_REQUESTS_PER_MINUTE": "210",
        "SERVERAVATAR_WINDOW_SECONDS": "1.5",
        "SERVERAVATAR_BUDGET_SHARE": "0.5",
        "FLEET_BACKUP_LEDGER_URL": "postgresql://fleet:secret@127.0.0.1/ledger",
        "FLEET_BACKUP_SETTLE_SECONDS": "90",
        "FLEET_BACKUP_DISK_HEADROOM": "2",
        "FLEET_BACKUP_DISK_RESERVE_MB": "0",
        "FLEET_BACKUP_SMALLEST_DISK_GB": "40",
        "FLEET_BACKUP_TRUST_DAYS": "7",
        "FLEET_BACKUP_ALARM_AFTER": "5",
        "FLEET_BACKUP_PAGE_FOLDER": "/srv/status",
        "FLEET_BACKUP_KEEP_DAYS": "800",
        "FLEET_BACKUP_KEEP_REPORTS_DAYS": "31",
    }.items():
        monkeypatch.setenv(name, value)
    settings = load()
    assert settings.account() == Account("https://api.example.org", TOKEN, "bearer", 210, 1.5, 0.5)
    assert settings.account().authorization == f"Bearer {TOKEN}"
    assert settings.disk_rules() == DiskRules(2.0, 0.0, 40.0)
    assert settings.ledger_url() == "postgresql://fleet:secret@127.0.0.1/ledger"
    assert settings.fleet_backup_settle_seconds == 90
    assert settings.trust_period() == timedelta(days=7)
    assert settings.fleet_backup_alarm_after == 5
    assert settings.fleet_backup_page_folder == Path("/srv/status")
    assert (settings.fleet_backup_keep_days, settings.fleet_backup_keep_reports_days) == (800, 31)
    assert "secret" not in repr(settings)


def test_every_variable_is_tested_here() -> None:
    assert len(Settings.model_fields) == 24


def test_the_ledger_lies_in_the_users_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load().ledger_url() == f"sqlite:///{tmp_path}/.local/share/fleet-backup/ledger.sqlite"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "elsewhere"))
    assert load().ledger_url() == f"sqlite:///{tmp_path}/elsewhere/fleet-backup/ledger.sqlite"


def test_the_list_may_not_be_given_less_than_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "FLEET_BACKUP_SETTLE_SECONDS" in problem(monkeypatch, FLEET_BACKUP_SETTLE_SECONDS="-1")


def test_the_token_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n", "utf-8")
    monkeypatch.setenv("SERVERAVATAR_API_TOKEN_FILE", str(path))
    assert load().account().token == TOKEN


@pytest.mark.parametrize(
    "content",
    [
        TOKEN.encode(),
        f"{TOKEN}\r\n".encode(),
        f"\n\t{TOKEN} \r\n\r\n".encode(),
        f"{TOKEN}\n".encode("utf-8-sig"),
        f"\ufeff{TOKEN}\r\n".encode("utf-16-le"),
        f"\ufeff{TOKEN}\r\n".encode("utf-16-be"),
    ],
)
def test_a_token_is_read_however_an_editor_or_a_shell_has_written_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "token").write_bytes(content)
    monkeypatch.setenv("SERVERAVATAR_API_TOKEN_FILE", "token")
    assert load().account().token == TOKEN


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no API token"),
        (b"\xef\xbb\xbf \r\n", "no API token"),
        (b"\xff\xfe", "no API token"),
        (b"\xff\xfe\x00", "is not text"),
        (f"{TOKEN}\xff".encode("latin-1"), "is not text"),
        (TOKEN.encode("utf-16-le"), "no spaces, line breaks or special characters"),
        (f"\ufeff{TOKEN}".encode("utf-32-le"), "no spaces, line breaks or special characters"),
        (f"{TOKEN}\n{TOKEN}\n".encode(), "no spaces, line breaks or special characters"),
        (TOKEN.encode() * 1000, "is larger than 8 KB"),
    ],
)
def test_a_file_without_a_token_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "token").write_bytes(content)
    text = problem(monkeypatch, SERVERAVATAR_API_TOKEN_FILE="token")
    assert text.startswith("SERVERAVATAR_API_TOKEN_FILE (token): ")
    assert words in text
    assert "\n" not in text


def test_what_is_no_ordinary_file_is_refused_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    assert problem(monkeypatch, SERVERAVATAR_API_TOKEN_FILE=str(tmp_path)).endswith(": is a folder")
    for name in ("pipe", "link", "/dev/zero", "/dev/null"):
        assert problem(monkeypatch, SERVERAVATAR_API_TOKEN_FILE=name).endswith(
            ": is not a regular file but a pipe or a device"
        )


HOMELY = [
    ("SERVERAVATAR_API_TOKEN_FILE", "~/x"),
    ("XDG_DATA_HOME", "~/x"),
    ("FLEET_BACKUP_METRICS_FOLDER", "~/x/y"),
    ("FLEET_BACKUP_LEDGER_URL", "sqlite:///~/x.sqlite"),
    ("FLEET_BACKUP_LEDGER_URL", "sqlite+aiosqlite:///~/x.sqlite?timeout=5"),
]


@pytest.mark.parametrize(("name", "value"), HOMELY)
@pytest.mark.parametrize("where", ["environment", ".env"])
def test_the_users_home_is_put_in_place_of_a_tilde(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, where: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    if where == ".env":
        (tmp_path / ".env").write_text(f"{name}={value}\n", "utf-8-sig")
    else:
        monkeypatch.setenv(name, value)
    read = getattr(load(), name.lower())
    shown = read.get_secret_value() if isinstance(read, SecretStr) else str(read)
    assert shown == value.replace("~", str(tmp_path / "home"))


@pytest.mark.parametrize(("name", "value"), HOMELY)
def test_the_home_of_nobody_is_a_mistake(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    text = problem(monkeypatch, SERVERAVATAR_API_TOKEN=TOKEN, **{name: value.replace("~", "~nobody-of-this-name")})
    assert text == f"{name}: ~nobody-of-this-name: no such home directory; write the full path"


def test_any_other_tilde_is_a_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    for url in ("postgresql://h/~x", "sqlite:////var/~/x.sqlite", "sqlite:///a~/x.sqlite", "sqlite://"):
        monkeypatch.setenv("FLEET_BACKUP_LEDGER_URL", url)
        assert load().ledger_url() == url


def test_a_dot_env_that_is_no_text_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"SERVERAVATAR_API_TOKEN={TOKEN}\n", "utf-16")
    assert problem(monkeypatch) == ".env: not UTF-8 text"


def test_settings_may_stand_in_dot_env_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(
        f"SERVERAVATAR_API_TOKEN={TOKEN}\nSERVERAVATAR_REQUESTS_PER_MINUTE=120\nPREFECT_API_URL=x\n", "utf-8"
    )
    assert load().account().requests_per_minute == 120
    monkeypatch.setenv("SERVERAVATAR_REQUESTS_PER_MINUTE", "150")
    assert load().account() == Account("https://api.serveravatar.com", TOKEN, "token", 150)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080",
        "http://127.9.9.9",
        "http://localhost:8080",
        "http://LOCALHOST",
        "http://[::1]:8080",
        "https://api.serveravatar.com",
        "https://10.0.0.1",
    ],
)
def test_https_or_this_machine_may_be_called(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("SERVERAVATAR_API_TOKEN", TOKEN)
    monkeypatch.setenv("SERVERAVATAR_API_URL", url)
    assert load().account().url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://api.serveravatar.com",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://[::2]",
        "http://example.org#127.0.0.1",
        "http://example.org/127.0.0.1",
    ],
)
def test_plain_http_to_anywhere_else_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert problem(monkeypatch, SERVERAVATAR_API_TOKEN=TOKEN, SERVERAVATAR_API_URL=url) == (
        "SERVERAVATAR_API_URL: plain http would send the token in clear text; use https"
    )


@pytest.mark.parametrize(
    "url",
    [
        "api.serveravatar.com",
        "ftp://example.org",
        "https://",
        "https:///path",
        "http:///path",
        "https://user:pass@example.org",
        "http://127.0.0.1@example.org",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_url_of_an_api_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert problem(monkeypatch, SERVERAVATAR_API_TOKEN=TOKEN, SERVERAVATAR_API_URL=url).startswith(
        "SERVERAVATAR_API_URL: must be a URL such as https://api.serveravatar.com"
    )


def test_a_broken_url_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problem(monkeypatch, SERVERAVATAR_API_TOKEN=TOKEN, SERVERAVATAR_API_URL="http://[").startswith(
        "SERVERAVATAR_API_URL: "
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SERVERAVATAR_AUTH_SCHEME", "basic"),
        ("SERVERAVATAR_REQUESTS_PER_MINUTE", "0"),
        ("SERVERAVATAR_REQUESTS_PER_MINUTE", "many"),
        ("SERVERAVATAR_WINDOW_SECONDS", "0"),
        ("SERVERAVATAR_WINDOW_SECONDS", "nan"),
        ("SERVERAVATAR_BUDGET_SHARE", "0"),
        ("SERVERAVATAR_BUDGET_SHARE", "1.1"),
        ("FLEET_BACKUP_DISK_HEADROOM", "0.9"),
        ("FLEET_BACKUP_DISK_RESERVE_MB", "-1"),
        ("FLEET_BACKUP_SMALLEST_DISK_GB", "0"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    text = problem(monkeypatch, SERVERAVATAR_API_TOKEN=TOKEN, **{name: value})
    assert text.startswith(f"{name}: ")
    assert "\n" not in text


def test_every_mistake_is_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = problem(
        monkeypatch,
        SERVERAVATAR_API_TOKEN=TOKEN,
        SERVERAVATAR_API_URL="http://example.org",
        SERVERAVATAR_BUDGET_SHARE="2",
    )
    assert [line.split(":")[0] for line in text.split("\n")] == ["SERVERAVATAR_API_URL", "SERVERAVATAR_BUDGET_SHARE"]


def test_a_missing_token_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = "SERVERAVATAR_API_TOKEN: no API token; set SERVERAVATAR_API_TOKEN or SERVERAVATAR_API_TOKEN_FILE"
    assert problem(monkeypatch) == wanted
    assert problem(monkeypatch, SERVERAVATAR_API_TOKEN="") == wanted
    assert problem(monkeypatch, SERVERAVATAR_API_TOKEN="  ") == wanted


@pytest.mark.parametrize("between", [" ", "\n", "\t", "\x00", "ü"])
def test_a_token_that_cannot_be_one_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, between: str
) -> None:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}{between}{TOKEN}", "utf-8")
    text = problem(monkeypatch, SERVERAVATAR_API_TOKEN_FILE=str(path))
    assert text.endswith("an API token has no spaces, line breaks or special characters")


def test_both_a_token_and_a_file_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = problem(monkeypatch, SERVERAVATAR_API_TOKEN=TOKEN, SERVERAVATAR_API_TOKEN_FILE="token")
    assert text == "set SERVERAVATAR_API_TOKEN or SERVERAVATAR_API_TOKEN_FILE, not both"


def test_a_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert problem(monkeypatch, SERVERAVATAR_API_TOKEN_FILE="missing") == (
        "SERVERAVATAR_API_TOKEN_FILE (missing): cannot be read: No such file or directory"
    )
    (tmp_path / "empty").write_bytes(b"\n")
    assert "no API token" in problem(monkeypatch, SERVERAVATAR_API_TOKEN_FILE="empty")


def test_no_text_of_the_settings_shows_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVERAVATAR_API_TOKEN", TOKEN)
    settings = load()
    assert TOKEN not in f"{settings}{settings!r}{settings.model_dump()}{settings.model_dump_json()}"
    assert TOKEN not in f"{settings.account()}{settings.account()!r}"


def test_alarms_are_off_until_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().heartbeats() == ()
    assert load().fleet_backup_metrics_folder is None
    monkeypatch.setenv("FLEET_BACKUP_HEARTBEAT_URL", f"https://hc-ping.com/{TOKEN} https://kuma.example.org/api/push/x")
    monkeypatch.setenv("FLEET_BACKUP_METRICS_FOLDER", "/var/lib/node_exporter")
    assert [each.kind for each in load().heartbeats()] == ["healthchecks", "uptime-kuma"]
    assert load().fleet_backup_metrics_folder == Path("/var/lib/node_exporter")
    assert TOKEN not in f"{load()!r}{load().heartbeats()!r}"


def test_a_heartbeat_that_is_no_address_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    text = problem(monkeypatch, FLEET_BACKUP_HEARTBEAT_URL=f"https://hc-ping.com/1 {TOKEN}")
    assert text.startswith("FLEET_BACKUP_HEARTBEAT_URL: address 2 must be a URL such as")


def test_what_is_no_pushgateway_or_address_of_apprise_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (load().pushgateway(), load().notifications(), load().fleet_backup_notify_on) == (None, (), "trouble")
    text = problem(monkeypatch, FLEET_BACKUP_PUSHGATEWAY_URL=TOKEN)
    assert text.startswith("FLEET_BACKUP_PUSHGATEWAY_URL: must be a URL such as")
    text = problem(monkeypatch, FLEET_BACKUP_NOTIFY_URLS=f"slack://x {TOKEN}")
    assert "FLEET_BACKUP_NOTIFY_URLS: address 1 must be one of Apprise's" in text
    assert "FLEET_BACKUP_NOTIFY_ON: " in problem(monkeypatch, FLEET_BACKUP_NOTIFY_ON="never")


def test_audits_have_heartbeats_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_BACKUP_AUDIT_HEARTBEAT_URL", f"https://hc-ping.com/{TOKEN}")
    assert [each.kind for each in load().audit_heartbeats()] == ["healthchecks"]
    assert load().heartbeats() == ()
    assert TOKEN not in repr(load())
    assert "FLEET_BACKUP_AUDIT_HEARTBEAT_URL" in problem(monkeypatch, FLEET_BACKUP_AUDIT_HEARTBEAT_URL="nonsense")


@pytest.mark.parametrize(("mode", "warnings"), [(0o600, 0), (0o640, 0), (0o644, 1), (0o444, 1)])
def test_a_token_file_that_everybody_can_read_is_reported_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int, warnings: int
) -> None:
    path = tmp_path / "token"
    path.write_text(TOKEN, "utf-8")
    path.chmod(mode)
    monkeypatch.setenv("SERVERAVATAR_API_TOKEN_FILE", str(path))
    assert [load().account().token for _ in range(2)] == [TOKEN] * 2
    assert [record.getMessage() for record in caplog.records] == [
        f"fleet-backup: SERVERAVATAR_API_TOKEN_FILE: every user of this machine can read it; run chmod 600 {path}"
    ] * warnings


def test_the_token_of_an_account_that_a_file_lists_takes_the_place_of_the_environments(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SERVERAVATAR_API_TOKEN", "the-environments")
    file = tmp_path / "acme.token"
    file.touch(mode=0o600)
    file.write_text(f"{TOKEN}\n", "utf-8")
    account = load().account(file)
    assert (account.token, account.source) == (TOKEN, f"the token_file {file}")
    with pytest.raises(SettingsError, match=r"token_file \(.*none\): cannot be read: No such file or directory"):
        load().account(tmp_path / "none")
