// A drawing as a picture: its styles are written into a copy, for a file has no style sheet, and its title is drawn above it.

const HEAD = 30, LINE = 18, SHARP = 2; // px of the title's first line, and of each further one; pixels of a PNG for each.
const STYLES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linejoin", "opacity", "font-family",
  "font-size", "font-weight", "text-anchor", "paint-order"];

// The drawing with buttons that save it; `title()` gives [words, name of a colour or ""] for each part of its title, which names the
// file, too; `legend` are more such parts.
function saveable(svg, title, legend = []) {
  const buttons = ["png", "svg"].map((format) => element("button", {
    type: "button", title: `Save as ${format.toUpperCase()}`,
    click: async (event) => {
      const parts = title(), text = standalone(svg, parts, legend), name = parts.map(([words]) => words).join(" ");
      event.target.setAttribute("aria-label", `Save as ${format.toUpperCase()}: ${name}`);
      const file = `${lettersOf(document.title)}-${lettersOf(name)}.${format}`;
      handOver(format === "svg" ? new Blob([text], { type: "image/svg+xml" }) : await pixels(text), file);
    },
  }, format.toUpperCase()));
  return element("div.drawing", {}, element("div.pictures", { role: "group", "aria-label": "Save as a picture" }, buttons), element("div.scroll", {}, svg));
}

// The text of a file that stands alone.
function standalone(svg, title, legend) {
  const copy = svg.cloneNode(true), [left, top, width, height] = svg.getAttribute("viewBox").split(/\s+/).map(Number);
  const from = [svg, ...svg.querySelectorAll("*")], page = getComputedStyle(document.body), root = getComputedStyle(document.documentElement);
  [copy, ...copy.querySelectorAll("*")].forEach((one, at) => {
    const style = getComputedStyle(from[at]);
    for (const name of STYLES) one.setAttribute(name, style.getPropertyValue(name));
    for (const name of ["style", "class", "tabindex"]) one.removeAttribute(name);
  });
  const lines = broken([...title, ...legend], width - 20, page.fontFamily), head = HEAD + LINE * (lines.length - 1);
  const attributes = { viewBox: `${left} ${top - head} ${width} ${height + head}`, width, height: height + head, xmlns: SVG };
  for (const [name, value] of Object.entries(attributes)) copy.setAttribute(name, value);
  copy.prepend(
    drawn("title", {}, `${document.title}: ${title.map(([words]) => words).join(" ")}`),
    drawn("rect", { x: left, y: top - head, width, height: height + head, fill: page.backgroundColor }),
    ...lines.map((parts, line) => drawn("text",
      { x: left + 10, y: top - head + 20 + LINE * line, "font-size": 14, "font-family": page.fontFamily, fill: page.color, stroke: "none" },
      parts.map(([words, colour], at) => drawn("tspan", colour ? { fill: root.getPropertyValue(colour).trim() } : {}, at ? `  ${words}` : words)))));
  return new XMLSerializer().serializeToString(copy);
}

// Parts of a title, as many to a line as find room.
function broken(parts, room, family) {
  const pen = document.createElement("canvas").getContext("2d"), lines = [];
  pen.font = `14px ${family}`;
  const wide = (line) => pen.measureText(line.map(([words]) => words).join("  ")).width;
  for (const part of parts) {
    if (lines.length && wide([...lines.at(-1), part]) <= room) lines.at(-1).push(part);
    else lines.push([part]);
  }
  return lines;
}

async function pixels(text) {
  const image = element("img", { src: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}` });
  await image.decode();
  const canvas = element("canvas", { width: SHARP * image.width, height: SHARP * image.height });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  // At once: toBlob waits for a second where a page draws nothing meanwhile.
  const binary = atob(canvas.toDataURL("image/png").split(",")[1]);
  return new Blob([Uint8Array.from(binary, (one) => one.charCodeAt(0))], { type: "image/png" });
}

function handOver(blob, file) {
  const link = element("a", { href: URL.createObjectURL(blob), download: file });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // A browser may ask first where to save it.
}

// "Homes in <Sacramento>" -> "Homes-in-Sacramento"
const lettersOf = (text) => text.replace(/[^\p{L}\p{N}_]+/gu, "-").replace(/^[-_]+|[-_]+$/g, "").slice(0, 60) || "report";
