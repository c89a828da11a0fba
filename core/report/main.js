// Puts the report together from its value.

const value = JSON.parse(document.getElementById("value").textContent);
const predict = value.why_not ? null : predictor(value);
const picture = networkPicture(value.network), curves = learning(value);

document.getElementById("report").replaceChildren(
  heading(value),
  tiles(value),
  section("Ask it", predict ? form(value, predict) : element("p.kind", {}, value.why_not)),
  ...(picture ? [section("The network", picture)] : []),
  ...(curves ? [section("How it learned", curves)] : []),
  section("On rows it never saw", element("div.tested", {}, testRows(value), scoreTable(value))),
  element("footer", {}, "Made with Layerdeck. The file is complete: it fetches nothing and tells no one."),
);
window.layerdeck = { predict };
