"use strict";
// The rows of the page, decoded and judged. Names come from an API: they only ever become text, never markup.
const statusPage = (() => {
  const fleet = JSON.parse(document.getElementById("fleet").textContent);
  const MINUTE = 60, AGELESS = ["uncovered", "unknown", "muted"];
  const standings = fleet.standings.map(([name]) => name);

  const of = (column, n) => (Array.isArray(column) ? column[n] : column);
  const count = (number) => number.toLocaleString("en-US");
  const plural = (number, one, many) => (number === 1 ? one : many);
  const names = fleet.name.split("\n"), domains = fleet.domain.split("\n");
  const rows = fleet.strip.map((strip, n) => {
    const [fleetNumber, organization, server, serverName] = fleet.servers[fleet.server[n]];
    const domain = domains[n].startsWith("~") ? names[n] + domains[n].slice(1) : domains[n].trimStart();
    return {
      n, site: fleet.site ? fleet.site[n] : n, name: names[n], domain, kind: fleet.kinds[of(fleet.kind, n)],
      fleet: fleet.fleets[fleetNumber], organization, server, serverName, strip: fleet.strips[strip],
      good: fleet.good[n] === null ? null : fleet.written - fleet.good[n] * MINUTE, mb: fleet.mb[n],
      limit: fleet.limits[of(fleet.limit, n)], grade: standings[fleet.grade.charCodeAt(n) - 97],
      key: fleet.key.slice(8 * n, 8 * n + 8), reason: fleet.reason[n] || "",
    };
  });
  for (const row of rows)
    row.text = [row.name, row.domain, row.serverName, row.kind, row.fleet, row.reason].join(" ").toLowerCase();

  // As fleet/status/standing.py and fleet/status/headline.py decide it, but now.
  const judge = () => {
    const now = Math.max(fleet.written, Date.now() / 1000);
    for (const row of rows) {
      const ageless = AGELESS.includes(row.grade);
      row.fresh = !ageless && row.good !== null && (!row.limit[0] || now <= row.good + row.limit[0]);
      row.standing = ageless || row.fresh ? row.grade : row.good === null && row.grade !== "stale" ? "never" : "stale";
    }
    return now;
  };
  const counted = (some) => {
    const sites = new Map(), total = { good: 0, bad: 0, unknown: 0, muted: 0 }, limits = new Set();
    for (const row of some) {
      if (!sites.has(row.site)) sites.set(row.site, []);
      if (row.standing !== "muted") sites.get(row.site).push(row);
      if (row.standing !== "muted" && row.standing !== "uncovered") limits.add(row.limit[1]);
    }
    for (const site of sites.values())
      if (!site.length) total.muted += 1;
      else if (site.every((row) => row.fresh)) total.good += 1;
      else total[site.every((row) => row.fresh || row.standing === "unknown") ? "unknown" : "bad"] += 1;
    return { ...total, all: total.good + total.bad + total.unknown, limit: limits.size === 1 ? [...limits][0] : "" };
  };
  const sentence = ({ good, bad, unknown, muted, all, limit }) => {
    const sites = (number) => `${count(number)} ${plural(number, "site", "sites")}`;
    if (!all) return muted ? `All ${sites(muted)} are muted.` : "No run or audit is in the ledger yet.";
    const rest = [];
    if (bad) rest.push(`${count(bad)} ${plural(bad, "does", "do")} not`);
    if (unknown) rest.push(`${count(unknown)} ${plural(unknown, "is", "are")} not checked yet`);
    const share = rest.length ? `${count(good)} of ${sites(all)}` : all === 1 ? "The only site" : `All ${sites(all)}`;
    const has = plural(rest.length && all > 1 ? good : all, "has", "have");
    const tail = rest.length ? `; ${rest.join(", ")}.` : ".";
    const left = muted ? ` ${count(muted)} muted ${plural(muted, "site is", "sites are")} not counted.` : "";
    return `${share} ${has} a good backup ${limit ? `younger than ${limit}` : "as young as expected"}${tail}${left}`;
  };
  return { fleet, rows, standings, judge, counted, sentence, count };
})();
