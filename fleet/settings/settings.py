"""Settings from the environment and `.env`; the only place that reads them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from fleet.fleet_file.home import HomeError, at_home, ledger_at_home
from fleet.monitoring import heartbeat, notification, pushgateway
from fleet.observed.disk_space import DiskRules
from fleet.serveravatar.account import Account, checked_token, checked_url
from fleet.settings.token_file import TokenFileError, read_token_file


class SettingsError(ValueError):
    """Invalid settings; the text has one line per mistake."""


def _that(can_be_read: Callable[[str], object]) -> AfterValidator:
    """Check a secret text by reading it; how it is read raises the ValueError that says what is wrong."""

    def check(value: SecretStr | None) -> SecretStr | None:
        if value:
            can_be_read(value.get_secret_value())
        return value

    return AfterValidator(check)


class Settings(BaseSettings):
    """The settings. Every field is a variable, in upper case.

    Attributes:
        serveravatar_api_token: the API token. It is never a parameter, and never in a log, result or report.
        serveravatar_api_token_file: a regular file with the token instead, in UTF-8 or UTF-16. A warning is logged if
            every user can read it. Here, in every other path and in `sqlite:///~/...`, `~` is your home.
        serveravatar_api_url: the API's address. Plain http is refused, except to this machine.
        serveravatar_auth_scheme: how the token is sent: bare (`token`), or as `Bearer <token>` (`bearer`).
        serveravatar_requests_per_minute: the account's rate limit, until the API's headers show another. All runs on
            one API key share it.
        serveravatar_window_seconds: the length of the rate limit's window, in seconds.
        serveravatar_budget_share: the share of the rate limit to use. The rest is left to other programs on the key.
        xdg_data_home: the folder of the default ledger: `fleet-backup/ledger.sqlite` in it. Default: `~/.local/share`.
        fleet_backup_ledger_url: the ledger, an SQLAlchemy URL. Default: SQLite in your data folder. Several workers
            need `postgresql://...`.
        fleet_backup_settle_seconds: how long the backup list may take to show a new backup. A slower
            API gets longer.
        fleet_backup_disk_headroom: free disk space that a backup needs, as a multiple of its size.
        fleet_backup_disk_reserve_mb: free disk space that must remain on top, in MB.
        fleet_backup_smallest_disk_gb: the size assumed for a disk whose size the API does not show, in GB.
        fleet_backup_incomplete_state: how Prefect shows a run or an audit with some backups missing: `failed` or
            `completed`.
        fleet_backup_trust_days: for how many days a good backup proves that its application, database and storage
            provider exist, so that they are not looked up before the next; 0 always looks everything up.
        fleet_backup_heartbeat_url: addresses to call when a run starts and ends, separated by spaces or commas.
            `{fleet}` becomes the fleet's name, or its fleet file's.
        fleet_backup_audit_heartbeat_url: the same for audits.
        fleet_backup_metrics_folder: the textfile folder of node_exporter, for metrics of runs and audits.
        fleet_backup_pushgateway_url: a Prometheus Pushgateway for the same metrics; it may hold a password.
        fleet_backup_notify_urls: Apprise addresses to notify of runs and deployed audits, split by spaces or commas.
        fleet_backup_notify_on: of what to notify them: `trouble`, with recoveries; or `always`.
        fleet_backup_page_folder: a folder for the status page, written after each run and audit.
        fleet_backup_alarm_after: consecutive bad runs before a target raises an alarm.
        fleet_backup_keep_days: how many days of each target the ledger keeps, for the status page.
        fleet_backup_keep_reports_days: how many days the ledger keeps reports and the entries of instant backups.
            What is still needed stays: plans, whatever is in doubt, the newest good backup of each target, the 30
            newest reports of each fleet, and each target's last success.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8-sig",
        extra="ignore",
        hide_input_in_errors=True,
        env_ignore_empty=True,
    )

    serveravatar_api_token: SecretStr | None = None
    serveravatar_api_token_file: Path | None = None
    serveravatar_api_url: str = "https://api.serveravatar.com"
    serveravatar_auth_scheme: Literal["token", "bearer"] = "token"
    serveravatar_requests_per_minute: Annotated[int, Field(ge=1)] = 60
    serveravatar_window_seconds: Annotated[float, Field(gt=0)] = 60.0
    serveravatar_budget_share: Annotated[float, Field(gt=0, le=1)] = 0.9
    xdg_data_home: Path | None = None
    fleet_backup_ledger_url: SecretStr | None = None
    fleet_backup_settle_seconds: Annotated[float, Field(ge=0)] = 5.0
    fleet_backup_disk_headroom: Annotated[float, Field(ge=1)] = 1.2
    fleet_backup_disk_reserve_mb: Annotated[float, Field(ge=0)] = 500.0
    fleet_backup_smallest_disk_gb: Annotated[float, Field(gt=0)] = 10.0
    fleet_backup_trust_days: Annotated[int, Field(ge=0, le=366)] = 28
    fleet_backup_incomplete_state: Literal["failed", "completed"] = "failed"
    fleet_backup_heartbeat_url: Annotated[SecretStr | None, _that(heartbeat.parse)] = None
    fleet_backup_audit_heartbeat_url: Annotated[SecretStr | None, _that(heartbeat.parse)] = None
    fleet_backup_metrics_folder: Path | None = None
    fleet_backup_pushgateway_url: Annotated[SecretStr | None, _that(pushgateway.parse)] = None
    fleet_backup_notify_urls: Annotated[SecretStr | None, _that(notification.parse)] = None
    fleet_backup_notify_on: notification.NotifyOn = notification.NotifyOn.TROUBLE
    fleet_backup_page_folder: Path | None = None
    fleet_backup_alarm_after: Annotated[int, Field(ge=1)] = 2
    fleet_backup_keep_days: Annotated[int, Field(ge=30)] = 400
    fleet_backup_keep_reports_days: Annotated[int, Field(ge=30)] = 90

    @field_validator("serveravatar_api_url")
    @classmethod
    def _safe_url(cls, value: str) -> str:
        return checked_url(value)

    @field_validator(
        "serveravatar_api_token_file", "xdg_data_home", "fleet_backup_metrics_folder", "fleet_backup_page_folder"
    )
    @classmethod
    def _paths_at_home(cls, value: Path | None) -> Path | None:
        return at_home(value) if value else None

    @field_validator("fleet_backup_ledger_url")
    @classmethod
    def _ledger_at_home(cls, value: SecretStr | None) -> SecretStr | None:
        return SecretStr(ledger_at_home(value.get_secret_value())) if value else None

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        if self.serveravatar_api_token and self.serveravatar_api_token_file:
            raise ValueError("set SERVERAVATAR_API_TOKEN or SERVERAVATAR_API_TOKEN_FILE, not both")
        return self

    def account(self, token_file: Path | None = None) -> Account:
        """The account to call the API as.

        Args:
            token_file: has the token of an account that a file lists, in place of the environment's.

        Raises:
            SettingsError: there is no token, or its file cannot be read.
        """
        return Account(
            url=self.serveravatar_api_url,
            token=_token_in(token_file, "token_file") if token_file else self._token(),
            scheme=self.serveravatar_auth_scheme,
            requests_per_minute=self.serveravatar_requests_per_minute,
            window=self.serveravatar_window_seconds,
            share=self.serveravatar_budget_share,
            **({"source": f"the token_file {token_file}"} if token_file else {}),
        )

    def ledger_url(self) -> str:
        """The ledger's SQLAlchemy URL; by default SQLite in the user's data folder.

        Raises:
            SettingsError: the user has no home folder.
        """
        if self.fleet_backup_ledger_url:
            return self.fleet_backup_ledger_url.get_secret_value()
        try:
            data = self.xdg_data_home or at_home(Path("~/.local/share"))
        except HomeError:
            raise SettingsError("FLEET_BACKUP_LEDGER_URL: must be set if the user has no home folder") from None
        return f"sqlite:///{data / 'fleet-backup' / 'ledger.sqlite'}"

    def heartbeats(self) -> tuple[heartbeat.Heartbeat, ...]:
        """The URLs to call when a run starts and ends; none by default."""
        return _parsed(self.fleet_backup_heartbeat_url)

    def audit_heartbeats(self) -> tuple[heartbeat.Heartbeat, ...]:
        """The URLs to call when an audit starts and ends; none by default."""
        return _parsed(self.fleet_backup_audit_heartbeat_url)

    def pushgateway(self) -> pushgateway.Pushgateway | None:
        """The Pushgateway for metrics; none by default."""
        url = self.fleet_backup_pushgateway_url
        return pushgateway.parse(url.get_secret_value()) if url else None

    def notifications(self) -> tuple[notification.Destination, ...]:
        """Whom to notify by Apprise; nobody by default."""
        urls = self.fleet_backup_notify_urls
        return notification.parse(urls.get_secret_value()) if urls else ()

    def disk_rules(self) -> DiskRules:
        """How much room a backup needs on a disk."""
        return DiskRules(
            headroom=self.fleet_backup_disk_headroom,
            reserve_mb=self.fleet_backup_disk_reserve_mb,
            smallest_disk_gb=self.fleet_backup_smallest_disk_gb,
        )

    def trust_period(self) -> timedelta:
        """How long a good backup of a target proves that what it needs exists; none: never."""
        return timedelta(days=self.fleet_backup_trust_days)

    def _token(self) -> str:
        if self.serveravatar_api_token_file:
            return _token_in(self.serveravatar_api_token_file, "SERVERAVATAR_API_TOKEN_FILE")
        token = self.serveravatar_api_token.get_secret_value() if self.serveravatar_api_token else ""
        return _checked(token, "SERVERAVATAR_API_TOKEN")


def _token_in(file: Path, named: str) -> str:
    where = f"{named} ({file})"
    try:
        return _checked(read_token_file(file, named), where)
    except TokenFileError as error:
        raise SettingsError(f"{where}: {error}") from None


def _checked(token: str, where: str) -> str:
    if not token.strip():
        raise SettingsError(f"{where}: no API token; set SERVERAVATAR_API_TOKEN or SERVERAVATAR_API_TOKEN_FILE")
    try:
        return checked_token(token)
    except ValueError as error:
        raise SettingsError(f"{where}: {error}") from None


def _parsed(addresses: SecretStr | None) -> tuple[heartbeat.Heartbeat, ...]:
    return heartbeat.parse(addresses.get_secret_value()) if addresses else ()


def load() -> Settings:
    """Read the settings.

    Raises:
        SettingsError: with every mistake, one per line, each with the variable's name and never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(mistakes(error, upper=True))) from None
    except UnicodeDecodeError:
        raise SettingsError(".env: not UTF-8 text") from None


def mistakes(error: ValidationError, *, upper: bool = False) -> list[str]:
    """The mistakes pydantic found, one line each: the name and the reason, never the value.

    Args:
        error: of settings or credentials.
        upper: whether the names are variables.
    """
    lines = []
    for detail in error.errors(include_url=False, include_input=False, include_context=False):
        names = [str(part).upper() if upper else str(part) for part in detail["loc"]]
        lines.append(": ".join([*names, detail["msg"].removeprefix("Value error, ")]))
    return lines
