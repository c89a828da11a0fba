// Elements and numbers. Text is set as text, never as HTML: names come from tables.

const SVG = "http://www.w3.org/2000/svg";

// element("p.note", {title: "..."}, "text", child, ...); an attribute that is a function listens.
function element(kind, attributes = {}, ...inside) {
  return filled(document.createElement(kind.split(".")[0]), kind, attributes, inside);
}

function drawn(kind, attributes = {}, ...inside) {
  return filled(document.createElementNS(SVG, kind.split(".")[0]), kind, attributes, inside);
}

function filled(made, kind, attributes, inside) {
  const names = kind.split(".").slice(1);
  if (names.length) made.setAttribute("class", names.join(" "));
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...inside.flat(Infinity).filter((one) => one !== null && one !== undefined));
  return made;
}

const section = (title, ...inside) => element("section", {}, element("h2", {}, title), ...inside);

// counted(1, "row") -> "1 row", counted(2000, "row") -> "2,000 rows"
const counted = (many, noun) => `${many.toLocaleString("en-US")} ${noun}${many === 1 ? "" : "s"}`;

const grouped = (value, digits) => value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

const magnitude = (value) => Math.floor(Math.log10(value));

// Units of money, as `core.experiment.currencies`; a test holds them together.
const CURRENCY = /^(?:(?:US|AU|CA|NZ|HK|MX|[RACS])\$|[$€£¥₹₩₽₺₫₴₦₱₪฿]|USD|EUR|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|BRL|AUD|CAD|TRY|RUB|MXN|ZAR|SGD|HKD|NZD|KRW|THB|IDR|CZK|HUF|RON|AED|SAR|QAR|KWD|EGP|MAD|TND|NGN|KES|GHS|UGX|TZS|ILS|VND|PHP|MYR|TWD|PKR|LKR|BDT|ARS|CLP|COP|PEN|UAH|KZT|BGN|ISK|RSD|KSh|Rs|Rp|RM|kr|zł|Kč|Ft|lei|TL|SFr|Fr)$/, LEAST_IN_CENTS = 0.0995;

// 66342.56 -> "66,343", 14 -> "14.00", 0.8512 -> "0.851"; with "$" in front or another unit behind, of money 278.1 -> "$278.10".
// Of a target whose spread from `low` to `high` is small beside its size with the digits that vary: "1,000,000,003.5".
function number(value, unit = "", low = null, high = null) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "none";
  const size = Math.abs(value), most = Math.max(Math.abs(low), Math.abs(high)), spread = high - low, money = CURRENCY.test(unit);
  let text;
  if (spread > 0 && most >= 100 * spread && size < 10 * most) {
    const decimals = Math.max(0, Math.min(3 - magnitude(spread), 14 - magnitude(most)));
    text = grouped(value, money && decimals === 1 ? 2 : decimals);
  }
  else if (size >= 1e15 || size < 1e-3) text = value.toPrecision(3).replace(/\.?0+(e|$)/, "$1");
  else if (size >= 1e12) text = `${+(value / 1e12).toPrecision(3)} trillion`;
  else if (size >= 1e9) text = `${+(value / 1e9).toPrecision(3)} billion`;
  else text = grouped(value, size >= 1000 ? 0 : money && size >= LEAST_IN_CENTS ? 2 : size >= 100 ? 1 : size >= 1 ? 2 : 3);
  if (unit === "$") return text.startsWith("-") ? `-$${text.slice(1)}` : `$${text}`;
  return `${text} ${unit}`.trim();
}

// Significant digits that tell numbers between two ends apart: 0, 100 -> 6; 1700000000, 1700003600 -> 11. As `core.experiment.digits`.
function significant(low, high) {
  const beyond = high > low ? Math.floor(Math.log10(Math.max(Math.abs(low), Math.abs(high)) / (high - low))) : 0;
  return Math.min(15, 6 + Math.max(0, beyond));
}

const compact = (value, low, high) => String(+value.toPrecision(significant(low, high)));

// A cell of a table as it stands there: 484 -> "484", -121.5507 -> "-121.551"; with the digits that vary between `low` and `high`.
const amount = (value, low, high) => (Number.isInteger(value) && Math.abs(value) >= 1e4 ? grouped(value, 0) : compact(value, low, high));

const percent = (value) => `${(100 * value).toFixed(1)}%`;
const count = (many, one) => `${grouped(many, 0)} ${one}${many === 1 ? "" : "s"}`;
const short = (text, most) => (text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text);

// A score in its own manner: shares as percentages, errors in their target's unit.
const score = (metric, value) => (metric.share && Number.isFinite(value) ? percent(value) : number(value, metric.unit));

// Buttons of which one is chosen; `chosen(value)` is told.
function choice(label, options, chosen) {
  const buttons = options.map(([value, words], at) =>
    element("button", { type: "button", "aria-pressed": String(at === 0), click: () => press(at) }, words));
  function press(at) {
    buttons.forEach((button, place) => button.setAttribute("aria-pressed", String(place === at)));
    chosen(options[at][0]);
  }
  return element("div.choice", { role: "group", "aria-label": label }, buttons);
}

// Three or four round numbers between two ends.
function ticks(low, high, most = 4) {
  const rough = (high - low) / most, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) * power;
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at++) found.push(+(at * step).toPrecision(15));
  return found;
}

const brief = (value, unit = "") => {
  const cents = CURRENCY.test(unit) && !Number.isInteger(value) && Math.abs(value) >= LEAST_IN_CENTS && Math.abs(value) < 1e3;
  const text = cents ? grouped(value, 2) : Math.abs(value) >= 1e4 ? new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 4 }).format(value).replace("K", "k")
    : Math.abs(value) >= 1e3 ? grouped(value, 0) : String(+value.toPrecision(3));
  return unit === "$" ? (text.startsWith("-") ? `-$${text.slice(1)}` : `$${text}`) : text;
};
