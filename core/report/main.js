// Puts the report together from its value.

const value = JSON.parse(document.getElementById("value").textContent);
const predict = value.why_not ? null : predictor(value);
const picture = networkPicture(value.network), curves = learning(value);

document.getElementById("report").replaceChildren(
  heading(value),
  ...summary(value),
  tiles(value),
  section("Predict", predict ? form(value, predict) : element("p.kind", {}, value.why_not)),
  ...(picture ? [section("The network", picture)] : []),
  ...(curves ? [section("Training", curves)] : []),
  section("Test set", element("div.tested", {}, testRows(value), scoreTable(value))),
  element("footer", {}, "Made with Layerdeck. The file is complete: it loads nothing and sends nothing."),
);
window.layerdeck = { predict };
