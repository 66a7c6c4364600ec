
// Lists whose new rows come by themselves, each into its place, and figures that are told anew when they changed, for as long as
// somebody looks.

const LIVE = "#live";
const LIVE_ROWS_MAX = 500;

function rowOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

// Newest first. What is older than a full page belongs to the next one.
function putIn(body, row, at) {
  if (document.getElementById(row.id)) return false;
  const older = [...body.rows].find((other) => Number(other.dataset.at) < at);
  if (!older && document.querySelector("nav.pager")) return false;
  body.insertBefore(row, older ?? null);
  row.dataset.new = "";
  return true;
}

// What is open stays open, how far a chart was moved stays, and whoever was in it by keyboard is in it again.
function putAnew(id, html) {
  const old = document.getElementById(id);
  const fresh = rowOf(html);
  const parts = (root) => [...root.querySelectorAll("details, [role=region], a[href]")];
  const [before, after] = [parts(old), parts(fresh)];
  const same = (part, place) => after[place]?.tagName === part.tagName ? after[place] : undefined;
  const focused = before.indexOf(document.activeElement);
  old.replaceWith(fresh);
  before.forEach((part, place) => {
    const other = same(part, place);
    if (!other) return;
    if (part.open) other.open = true;
    if (part.scrollLeft) other.scrollLeft = part.scrollLeft;
  });
  if (focused >= 0) same(before[focused], focused)?.focus({ preventScroll: true });
}

function setUpLive(live) {
  const button = live.querySelector("button");
  const says = live.querySelector("[role=status]");
  let source;
  let since = live.dataset.since;
  let count = 0;

  const isOn = () => button.getAttribute("aria-pressed") === "true";
  // What was chosen, for when the page is loaded again: browsers end the connection while they leave it.
  const remember = (hash) => history.replaceState(history.state, "", location.pathname + location.search + hash);

  function rest() {
    source?.close();
    source = undefined;
  }

  function stop(text) {
    rest();
    button.setAttribute("aria-pressed", "false");
    says.textContent = text;
  }

  function take(event) {
    const { rows, cut } = JSON.parse(event.data);
    since = event.lastEventId || since;
    if (live.dataset.figures) {
      putAnew(live.dataset.figures, rows.at(-1).html);
      count += 1;
      says.textContent = "The figures changed, and are shown anew.";
      return;
    }
    const body = document.querySelector("tr[data-at]")?.parentElement;
    // An empty list has no table yet.
    if (!body) return location.reload();
    for (const old of body.querySelectorAll("tr[data-new]")) delete old.dataset.new;
    for (const { html, at } of rows.toReversed()) if (putIn(body, rowOf(html), at)) count += 1;
    while (body.rows.length > LIVE_ROWS_MAX) body.rows[body.rows.length - 1].remove();
    if (cut) return stop("More came than is shown here. Refresh to see all.");
    if (count) says.textContent = count === 1 ? "1 new row" : `${count} new rows`;
  }

  function listen() {
    const address = new URL(live.dataset.live, location.href);
    address.searchParams.set("since", since);
    source = new EventSource(address);
    source.addEventListener("open", () => { if (!count) says.textContent = live.dataset.figures ? "Figures change by themselves." : "New rows come by themselves."; });
    source.addEventListener("rows", take);
    source.addEventListener("ended", (event) => stop(event.data));
    source.addEventListener("error", () => {
      if (source?.readyState === EventSource.CLOSED) stop("Not live any more. Refresh to see what came.");
      else if (source) says.textContent = "The connection was lost. Trying again.";
    });
  }

  function start() {
    button.setAttribute("aria-pressed", "true");
    remember(LIVE);
    listen();
  }

  button.addEventListener("click", () => {
    if (!isOn()) return start();
    stop("");
    remember("");
  });
  // Nobody looks at a tab in the background, and a browser has few connections to one origin.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) rest();
    else if (isOn() && !source) listen();
  });
  window.addEventListener("pagehide", rest);
  window.addEventListener("pageshow", () => { if (isOn() && !source) listen(); });
  if (location.hash === LIVE) start();
}

for (const live of document.querySelectorAll("[data-live]")) setUpLive(live);
