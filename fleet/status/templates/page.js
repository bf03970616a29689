(() => {
  const { fleet, rows, standings, judge, counted, sentence, count } = statusPage;
  const AT_ONCE = 100, PRINTED = 2000, MINUTE = 60;
  const at = (id) => document.getElementById(id);
  const meanings = Object.fromEntries(fleet.standings);
  const days = Array.from({ length: 30 }, (_, n) =>
    new Date(Date.parse(fleet.first) + n * 864e5).toISOString().slice(0, 10));
  const view = { words: [], standing: "", fleet: "", server: null, sort: "standing", down: true, page: 0, most: AT_ONCE };
  const files = {};
  let sizes = [], now = 0;

  const element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes))
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
    made.append(...children.filter((child) => child !== null && child !== ""));
    return made;
  };
  const time = (seconds) => `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const megabytes = (mb) => (mb === null || mb === undefined ? "" : mb >= 1024 ? `${(mb / 1024).toFixed(1)} GB` : `${mb} MB`);

  const span = (seconds) => {
    const minutes = Math.floor(seconds / MINUTE), hours = Math.floor(minutes / 60);
    if (hours >= 48) return `${Math.floor(hours / 24)} d${hours % 24 ? ` ${hours % 24} h` : ""}`;
    if (hours >= 1) return `${hours} h${hours < 10 && minutes % 60 ? ` ${minutes % 60} min` : ""}`;
    return `${minutes} min`;
  };

  const strip = (letters) => {
    const found = {};
    [...letters].forEach((letter, n) => (found[letter] ||= []).push(days[n]));
    const words = Object.entries(found).map(([letter, on]) =>
      `${on.length} ${fleet.cells[letter][1]}${on.length < 4 && letter !== "." ? ` (${on.join(", ")})` : ""}`);
    const cell = (letter, n) => element("i", {
      class: `day-${letter === "." ? "none" : letter}`, title: `${days[n]}: ${fleet.cells[letter][1]}`,
    }, fleet.cells[letter][0]);
    return element("span", { class: "strip", role: "img", "aria-label": `Last 30 days: ${words.join(", ")}` },
      ...[...letters].map(cell));
  };
  const sparkline = (digits, width = 90) => {
    const points = [...(digits || "")].flatMap((digit, n) =>
      digit === "." ? [] : [`${((n + 0.5) * width / 30).toFixed(1)},${(18 - parseInt(digit, 36) / 36 * 16).toFixed(1)}`]);
    if (points.length < 2) return null;
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
    for (const [name, value] of [["width", width], ["height", 20], ["aria-hidden", "true"]]) svg.setAttribute(name, value);
    line.setAttribute("points", points.join(" "));
    svg.append(line);
    return svg;
  };
  const state = (row) => element("span", { class: `state ${row.standing}`, title: meanings[row.standing] }, row.standing);
  const link = (row) => element("a", { href: `#target/${row.key}` }, row.name);
  const serverLink = (row) => element("a", { href: `#server/${fleet.server[row.n]}` }, row.serverName || "unknown");
  const age = (row) => (row.good === null ? "none" : `${span(now - row.good)} old`);

  const columns = [
    ["State", "standing", (row) => standings.indexOf(row.standing), (row) => element("td", {}, state(row))],
    ["Site", "name", (row) => row.name.toLowerCase(), (row) => element("td", { class: "name" }, link(row),
      row.kind && ` (${row.kind})`, row.domain && row.domain !== row.name ? element("div", {}, element("small", {}, row.domain)) : "",
      row.standing !== "fine" && row.reason ? element("div", {}, row.reason) : "")],
    ["Server", "server", (row) => row.serverName.toLowerCase(), (row) => element("td", { class: "server" }, serverLink(row))],
    ["Fleet", "fleet", (row) => row.fleet.toLowerCase(), (row) => element("td", {}, row.fleet)],
    ["Newest good backup", "good", (row) => row.good ?? 0, (row) => element("td", { class: "count" },
      element("span", { title: row.good === null ? "" : time(row.good) }, age(row)),
      row.limit[1] && row.good !== null ? element("small", {}, ` of ${row.limit[1]}`) : "")],
    ["Size", "mb", (row) => row.mb ?? -1, (row) =>
      element("td", { class: "count" }, megabytes(row.mb) || "—", sparkline(sizes[row.n], 60))],
    ["Last 30 days", "strip", (row) => -[...row.strip].filter((letter) => "fx".includes(letter)).length,
      (row) => element("td", {}, strip(row.strip))],
  ].filter(([, name]) => name !== "fleet" || fleet.fleets.length > 1);

  const chosen = (all = false) => rows.filter((row) => view.words.every((word) => row.text.includes(word))
    && (!view.fleet || row.fleet === view.fleet) && (all || !view.standing || row.standing === view.standing)
    && (view.server === null || fleet.server[row.n] === view.server));
  const sorted = (some) => {
    const value = columns.find(([, name]) => name === view.sort)[2], way = view.down ? 1 : -1;
    const order = (a, b) => (a < b ? -way : a > b ? way : 0);
    return some.sort((a, b) => order(value(a), value(b)) || (a.good ?? 0) - (b.good ?? 0) || a.n - b.n);
  };

  const showHeads = () => at("columns").replaceChildren(...columns.map(([title, name]) => {
    const sort = () => { Object.assign(view, { sort: name, down: view.sort === name ? !view.down : true, page: 0 }); showList(); at(`sort-${name}`).focus(); };
    const direction = view.sort === name ? (view.down ? "ascending" : "descending") : null;
    const sign = direction ? (view.down ? " ▲" : " ▼") : "";
    return element("th", { scope: "col", "aria-sort": direction },
      element("button", { type: "button", id: `sort-${name}`, onclick: sort }, title, element("span", { "aria-hidden": "true" }, sign)));
  }));
  const showStandings = () => {
    const held = document.activeElement?.dataset?.standing;
    const some = chosen(true);
    at("standings").replaceChildren(...standings.flatMap((name) => {
      const number = some.filter((row) => row.standing === name).length;
      if (!number && view.standing !== name) return [];
      const choose = () => { Object.assign(view, { standing: view.standing === name ? "" : name, page: 0 }); showList(); };
      return [element("button", { type: "button", class: `state ${name}`, "data-standing": name, title: meanings[name],
        "aria-pressed": String(view.standing === name), onclick: choose }, `${count(number)} ${name}`)];
    }));
    if (held) document.querySelector(`[data-standing="${held}"]`)?.focus();
  };
  const showList = () => {
    const some = sorted(chosen()), last = Math.max(0, Math.ceil(some.length / view.most) - 1);
    view.page = Math.min(view.page, last);
    const from = view.page * view.most, shown = some.slice(from, from + view.most);
    showHeads();
    showStandings();
    at("rows").replaceChildren(...shown.map((row) => element("tr", {}, ...columns.map(([, , , cell]) => cell(row)))));
    at("shown").textContent = some.length
      ? `${count(from + 1)} to ${count(from + shown.length)} of ${count(some.length)}` : "Nothing matches the filter.";
    at("before").disabled = !view.page;
    at("after").disabled = view.page === last;
  };
  const showHead = () => {
    const shown = counted(rows), passed = now - fleet.written;
    at("sentence").textContent = sentence(shown);
    at("sentence").className = shown.bad || !shown.all ? "bad" : "good";
    at("number").replaceChildren(count(shown.good), element("small", {}, `/${count(shown.all)}`));
    at("written").textContent = `Written ${time(fleet.written)}, ${passed < MINUTE ? "just now" : `${span(passed)} ago`}.`;
    at("written").className = passed > 26 * 3600 ? "old" : "";
  };

  const load = (name, done) => {
    if (files[name] !== undefined) return done(files[name]);
    const failed = () => { at("shown").textContent = `${name} cannot be read. Reload the page.`; };
    document.body.append(element("script", { src: `${fleet.folder}/${name}`, onload: () => done(files[name]), onerror: failed }));
    return undefined;
  };
  window.fleetBackup = (name, value) => { files[name] = value; };

  const showTarget = (row, [organization, server, application, database, databaseName, past]) => {
    const fact = (name, ...value) => [element("dt", {}, name), element("dd", {}, ...value)];
    const known = (name, id) => [name, id ? element("small", {}, ` id ${id}`) : ""];
    const when = (seconds) => (seconds ? element("small", {}, ` ${time(seconds).slice(11)}`) : "");
    const line = ([day, letter, outcome, outcomeAt, outcomeReason, status, statusAt, statusReason, good, mb]) =>
      element("tr", {}, element("th", { scope: "row" }, day),
        element("td", {}, fleet.cells[letter][1]),
        element("td", {}, (outcome || "—").replaceAll("_", " "), when(outcomeAt)),
        element("td", {}, status || "—", when(statusAt)),
        element("td", { class: "count" }, good ? time(good) : "—"),
        element("td", { class: "count" }, megabytes(mb) || "—"),
        element("td", {}, [...new Set([outcomeReason, statusReason])].filter(Boolean).join("; ")));
    const heads = ["Day (UTC)", "What stood", "Best run", "Last audit", "Newest good backup", "Size", "Reason"];
    at("target").replaceChildren(
      element("h2", { id: "target-heading", tabindex: "-1" }, row.name, row.kind && ` (${row.kind})`),
      element("dl", {},
        ...fact("State", state(row), ` ${meanings[row.standing]}`),
        ...(row.reason && row.standing !== "fine" ? fact("Reason", row.reason) : []),
        ...fact("Newest good backup", row.good === null ? "none" : `${age(row)}, ${time(row.good)}`),
        ...fact("Expected", row.limit[1] ? `younger than ${row.limit[1]}` : "no expectation known"),
        ...fact("Size", megabytes(row.mb) || "unknown: only audits see it", sparkline(sizes[row.n], 180)),
        ...fact("Domain", row.domain || "unknown"),
        ...fact("Application", ...known(row.name, application)),
        ...(database ? fact("Database", ...known(databaseName || "", database)) : []),
        ...fact("Server", serverLink(row), ...known("", server)),
        ...fact("Organization", String(organization)), ...fact("Fleet", row.fleet)),
      element("p", { class: "large" }, strip(row.strip)),
      element("div", { class: "table", tabindex: "0", role: "region", "aria-label": "History" },
        element("table", {}, element("caption", {}, `The last ${fleet.days} days`),
          element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
          element("tbody", {}, ...[...past].reverse().map(line)))));
    at("target-heading").focus();
  };

  const route = (event) => {
    const [kind, which] = location.hash.slice(1).split("/");
    const row = kind === "target" ? rows.find((each) => each.key === which) : null;
    view.server = kind === "server" && fleet.servers[which] ? Number(which) : null;
    view.page = 0;
    if (view.server !== null) { Object.assign(view, { words: [], standing: "" }); at("filter").value = ""; }
    const server = view.server === null ? null : fleet.servers[view.server];
    const heading = server ? `Server ${server[3]}` : "All sites";
    at("heading").textContent = heading;
    at("trail").replaceChildren(element("a", { href: "#" }, "All sites"));
    at("trail").hidden = !row && !server;
    at("list").hidden = Boolean(row);
    at("target").hidden = !row;
    document.title = row ? `${row.name}: ${row.standing}` : server ? `${heading}: ${sentence(counted(chosen()))}` : `Backups: ${sentence(counted(rows))}`;
    if (row) load(`history-${Math.floor(row.n / fleet.part)}.js`, (part) => showTarget(row, part[row.n % fleet.part]));
    else { showList(); if (event) at("heading").focus(); }
  };

  let waiting = 0;
  at("filter").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      Object.assign(view, { words: at("filter").value.toLowerCase().split(/\s+/).filter(Boolean), page: 0 });
      showList();
    }, rows.length > 2000 ? 80 : 0);
  });
  at("filter").addEventListener("keydown", (event) => {
    if (event.key === "Escape") { at("filter").value = ""; at("filter").dispatchEvent(new Event("input")); }
    else if (event.key === "Enter") setTimeout(() => at("rows").querySelector("a")?.click(), 100);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || /INPUT|SELECT/.test(document.activeElement.tagName)) return;
    event.preventDefault();
    if (!at("target").hidden) location.hash = "";
    setTimeout(() => at("filter").focus());
  });
  for (const [id, step] of [["before", -1], ["after", 1]])
    at(id).addEventListener("click", () => { view.page += step; showList(); at("sites").scrollIntoView(); });
  if (fleet.fleets.length > 1) {
    for (const id of ["fleet-choice", "fleet-label"]) at(id).hidden = false;
    at("fleet-choice").append(element("option", { value: "" }, "all"), ...fleet.fleets.map((name) => element("option", {}, name)));
    at("fleet-choice").addEventListener("change", () => { Object.assign(view, { fleet: at("fleet-choice").value, page: 0 }); showList(); });
  }
  const refresh = () => { now = judge(); showHead(); };
  at("main").hidden = false;
  refresh();
  route();
  window.addEventListener("hashchange", route);
  for (const [event, most] of [["beforeprint", PRINTED], ["afterprint", AT_ONCE]])
    window.addEventListener(event, () => { Object.assign(view, { most, page: 0 }); if (at("target").hidden) showList(); });
  setInterval(() => { refresh(); if (at("target").hidden) showList(); }, 60000);
  if (rows.length) load("sizes.js", (text) => { sizes = text.split("\n"); if (at("target").hidden) showList(); });
})();
