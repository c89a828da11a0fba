// A drawing as a picture: its styles are written into a copy, for a file has no style sheet, and its title is drawn above it.

const HEAD = 30, SHARP = 2; // px of the title; pixels of a PNG for each.
const STYLES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linejoin", "opacity", "font-family",
  "font-size", "font-weight", "text-anchor", "paint-order"];

// The drawing with buttons that save it; `title()` gives [words, name of a colour or ""] for each part of its title.
function saveable(svg, title) {
  const buttons = ["png", "svg"].map((format) => element("button", {
    type: "button", title: `Save as ${format.toUpperCase()}`,
    click: async (event) => {
      const parts = title(), text = standalone(svg, parts), name = parts.map(([words]) => words).join(" ");
      event.target.setAttribute("aria-label", `Save as ${format.toUpperCase()}: ${name}`);
      const file = `${lettersOf(document.title)}-${lettersOf(name)}.${format}`;
      handOver(format === "svg" ? new Blob([text], { type: "image/svg+xml" }) : await pixels(text), file);
    },
  }, format.toUpperCase()));
  return element("div.drawing", {}, element("div.pictures", { role: "group", "aria-label": "Save as a picture" }, buttons), element("div.scroll", {}, svg));
}

// The text of a file that stands alone.
function standalone(svg, title) {
  const copy = svg.cloneNode(true), [left, top, width, height] = svg.getAttribute("viewBox").split(/\s+/).map(Number);
  const from = [svg, ...svg.querySelectorAll("*")], page = getComputedStyle(document.body), root = getComputedStyle(document.documentElement);
  [copy, ...copy.querySelectorAll("*")].forEach((one, at) => {
    const style = getComputedStyle(from[at]);
    for (const name of STYLES) one.setAttribute(name, style.getPropertyValue(name));
    for (const name of ["style", "class", "tabindex"]) one.removeAttribute(name);
  });
  const attributes = { viewBox: `${left} ${top - HEAD} ${width} ${height + HEAD}`, width, height: height + HEAD, xmlns: SVG };
  for (const [name, value] of Object.entries(attributes)) copy.setAttribute(name, value);
  copy.prepend(
    drawn("title", {}, `${document.title}: ${title.map(([words]) => words).join(" ")}`),
    drawn("rect", { x: left, y: top - HEAD, width, height: height + HEAD, fill: page.backgroundColor }),
    drawn("text", { x: left + 10, y: top - HEAD + 20, "font-size": 14, "font-family": page.fontFamily, fill: page.color, stroke: "none" },
      title.map(([words, colour], at) => drawn("tspan", colour ? { fill: root.getPropertyValue(colour).trim() } : {}, at ? `  ${words}` : words))));
  return new XMLSerializer().serializeToString(copy);
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
