"""The worlds that people and tests are given."""

from pathlib import Path

from sandbox.world.world import build_demo_world, build_fleet_world, describe


def test_the_demo_world_is_as_the_demo_promises(tmp_path: Path) -> None:
    build_demo_world(tmp_path)
    world = describe(tmp_path)
    assert world["organization"] == {"id": 5, "name": "Demo Hosting"}
    assert len(world["servers"]) >= 9
    assert len(world["applications"]) >= 27
    assert [server["name"] for server in world["servers"] if server["disk_percent"] == 99] == ["web-0002"]
    assert [server["name"] for server in world["servers"] if not server["connected"]] == ["web-0008"]
    assert {(row["id"], row["provider"]) for row in world["providers"]} >= {(10, "wasabi"), (11, "gdrive")}
    size = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    assert size < 20_000_000


def test_an_existing_world_is_left_as_it_is(tmp_path: Path) -> None:
    build_demo_world(tmp_path)
    page = tmp_path / "servers/web-0001/applications/shop/index.php"
    page.write_text("changed")
    build_fleet_world(tmp_path, servers=2, applications_per_server=1)
    assert page.read_text() == "changed"
    assert len(describe(tmp_path)["servers"]) == 9


def test_the_same_seed_builds_the_same_files(tmp_path: Path) -> None:
    contents = []
    for name in ("one", "two"):
        build_fleet_world(tmp_path / name, servers=1, applications_per_server=1)
        application = tmp_path / name / "servers/web-0001/applications/site-001"
        contents.append({path.name: path.read_bytes() for path in application.rglob("*") if path.is_file()})
    assert contents[0] == contents[1]


def test_a_tiny_world_shares_its_files(tmp_path: Path) -> None:
    build_fleet_world(tmp_path, servers=50, applications_per_server=20, tiny=True)
    assert len(describe(tmp_path)["applications"]) == 1000
    assert len(list((tmp_path / "servers").rglob("*.sqlite"))) == 1


def test_organizations_share_the_servers(tmp_path: Path) -> None:
    build_fleet_world(tmp_path, servers=4, applications_per_server=1, organizations=2)
    world = describe(tmp_path)
    assert world["organization"] == {"id": 5, "name": "Demo Hosting"}
    assert [server["organization_id"] for server in world["servers"]] == [5, 6, 5, 6]
    assert sorted((row["id"], row["provider"]) for row in world["providers"])[2:5] == [
        (12, "serveravatar"),
        (13, "wasabi"),
        (14, "gdrive"),
    ]
