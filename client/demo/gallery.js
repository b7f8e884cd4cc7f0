// A table that is sorted by its headings; the name of a photo opens it below. Texts are set as text, never as HTML.

const DIRECTIONS = { ascending: 1, descending: -1 };

function compare(one, other, column, direction) {
  const [first, second] = [one[column], other[column]];
  if (first === null || second === null) return (first === null) - (second === null); // without a score: last, either way
  return direction * (typeof first === "number" ? first - second : first.localeCompare(second));
}

function line(row, open) {
  const element = document.createElement("tr");
  if (row.open) element.setAttribute("aria-current", "true");
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.id = row.id;
  button.onclick = () => open(row.id);
  const thumbnail = document.createElement(row.thumbnail ? "img" : "span");
  if (row.thumbnail) Object.assign(thumbnail, { src: row.thumbnail, alt: "" }); // the name stands beside it
  else thumbnail.className = "empty";
  const name = document.createElement("span");
  name.textContent = row.name;
  button.append(thumbnail, name);
  const verdict = document.createElement("td");
  verdict.textContent = row.verdict;
  if (row.note) {
    const note = document.createElement("span");
    note.className = "note";
    note.textContent = row.note;
    verdict.append(note);
  }
  const score = document.createElement("td");
  score.className = "number";
  score.textContent = row.shown;
  const first = document.createElement("td");
  first.append(button);
  element.append(first, verdict, score);
  return element;
}

export default function ({ data, parentElement, setStateValue }) {
  const headings = [...parentElement.querySelectorAll("th")];
  const draw = () => {
    const sorted = headings.find((heading) => heading.ariaSort);
    const rows = [...data.rows];
    if (sorted) rows.sort((one, other) => compare(one, other, sorted.dataset.column, DIRECTIONS[sorted.ariaSort]));
    const lines = rows.map((row) => line(row, (id) => setStateValue("chosen", id)));
    const focused = parentElement.activeElement?.dataset.id;
    parentElement.querySelector("tbody").replaceChildren(...lines);
    if (focused) parentElement.querySelector(`[data-id="${focused}"]`)?.focus(); // the keyboard stays where it was
  };
  parentElement.querySelector("caption").textContent = data.caption;
  for (const heading of headings) {
    heading.querySelector("button").onclick = () => {
      const next = heading.ariaSort === "descending" ? "ascending" : "descending";
      for (const other of headings) other.ariaSort = other === heading ? next : null;
      draw();
    };
  }
  draw();
}
