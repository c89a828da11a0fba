// Puts the report together from its value.

const value = JSON.parse(document.getElementById("value").textContent);
const optional = (title, ...inside) => (inside.some(Boolean) ? [section(title, ...inside)] : []);
const predict = value.why_not ? null : predictor(value);
const explain = predict && explainer(value, predict), { targets, figures, background } = value;
const picture = networkPicture(value.network), curves = learning(value);

document.getElementById("report").replaceChildren(
  heading(value),
  ...summary(value),
  tiles(value),
  section("Predict", predict ? form(value, predict, explain) : element("p.kind", {}, value.why_not)),
  ...optional("Features", byTarget(targets, importanceBars), byTarget(targets, dependences)),
  ...(picture ? [section("The network", picture)] : []),
  ...(curves ? [section("Training", curves)] : []),
  section("Test set", element("div.tested", {}, testRows(value), scoreTable(value))),
  ...optional("Errors", byTarget(targets, (target) => errorFigures(target, figures[target.target]))),
  ...optional("Curves", byTarget(targets, classFigures)),
  element("footer", {}, "Made with Layerdeck. The file is complete: it loads nothing and sends nothing.",
    background && explain ? ` It holds ${count(background.rows, "training row")} without their targets, against which predictions are explained.` : ""),
);
window.layerdeck = { predict, explain };
