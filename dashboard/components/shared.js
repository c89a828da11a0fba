// What the components share; the Python side puts it before each one's own files.

/**
 * What Streamlit calls at mount and again at every change of data or theme: one instance lives as long as its place on the page.
 * `mount(parent)` makes it, `take(s, data)` gives it what changed, `unmount(s)` ends it; `s.trigger` hands a value to Python.
 */
function lasting(mount, take, unmount) {
  const instances = new WeakMap();
  return ({ data, parentElement, setTriggerValue }) => {
    let s = instances.get(parentElement);
    if (!s) instances.set(parentElement, s = mount(parentElement));
    // A render overtaken by the next one has its cleanup run at once: only the newest call's may unmount.
    const call = s.call = (s.call ?? 0) + 1;
    s.trigger = setTriggerValue;
    take(s, data);
    return () => { if (s.call === call) { instances.delete(parentElement); unmount(s); } };
  };
}

/** A function that makes elements whose classes begin with a component's own name: el('div', 'chip training', parent, 'text'). */
function elements(prefix) {
  return (tag, name, parent, text) => {
    const e = document.createElement(tag);
    if (name) e.className = name.split(' ').map(n => `${prefix}${n && '-' + n}`).join(' ');
    if (text !== undefined) e.textContent = text;
    parent?.append(e);
    return e;
  };
}

/** counted(1, 'row') -> "1 row", counted(2000, 'row') -> "2,000 rows" */
function counted(number, noun) { return `${new Intl.NumberFormat('en').format(number)} ${noun}${number === 1 ? '' : 's'}`; }

// As `core.experiment.currencies`; a test holds them together.
const CURRENCY = /^(?:(?:US|AU|CA|NZ|HK|MX|[RACS])\$|[$€£¥₹₩₽₺₫₴₦₱₪฿]|USD|EUR|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|BRL|AUD|CAD|TRY|RUB|MXN|ZAR|SGD|HKD|NZD|KRW|THB|IDR|CZK|HUF|RON|AED|SAR|QAR|KWD|EGP|MAD|TND|NGN|KES|GHS|UGX|TZS|ILS|VND|PHP|MYR|TWD|PKR|LKR|BDT|ARS|CLP|COP|PEN|UAH|KZT|BGN|ISK|RSD|KSh|Rs|Rp|RM|kr|zł|Kč|Ft|lei|TL|SFr|Fr)$/, LEAST_IN_CENTS = 0.0995;
const cents = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** A number as `text` writes it; of money below 1,000 with two decimals: 278.1 -> 278.10 */
function digits(unit, v, text) { return CURRENCY.test(unit) && Math.abs(v) >= LEAST_IN_CENTS && Math.abs(v) < 999.995 ? cents.format(v) : text(v); }

/** An amount in its unit, as `text` writes it: -12.5 -> -$12.5, 5.25 -> 5.25 MPa */
function inUnit(unit, v, text) { return unit === '$' ? (v < 0 ? '-$' : '$') + text(Math.abs(v)) : `${text(v)} ${unit ?? ''}`.trim(); }

const wholeNumber = new Intl.NumberFormat('en', { maximumFractionDigits: 0 }), fourDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

/** A score as tiles and tables say it, {unit, share} of its metric: 52310 -> $52,310; 0.9123 of a share -> 91.2%; 0.123456 -> 0.1235; null -> – */
function scoreText({ unit, share }, v) {
  if (!Number.isFinite(v)) return '–';
  if (share) return `${(100 * v).toFixed(1)}%`;
  return inUnit(unit, v, x => digits(unit, x, x => {
    const size = Math.abs(x);
    if (size >= 1e15 || size && size < 1e-4) return x.toExponential(2);
    if (size >= 1e9) return size < 1e12 ? `${Number((x / 1e9).toPrecision(3))} billion` : `${Number((x / 1e12).toPrecision(3))} trillion`;
    return size >= 1000 ? wholeNumber.format(x) : fourDigits.format(x);
  }));
}

/** A name for a Plotly figure, which reads a little HTML in its texts: the name is to be shown, not read. */
const plotlyText = text => String(text).replace(/[&<>]/g, sign => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]);

/** Only what changed is written: the browser then has nothing to lay out. */
function put(e, text) { if (e.textContent !== text) e.textContent = text; }

/** The line and the bar above runs that are followed: `s.word`, `s.facts`, `s.bar` and `s.fill`; `counted` says what the bar counts. */
function headline(el, s, counted) {
  const line = el('div', 'line', s.root);
  s.word = el('span', 'word', line);
  s.facts = el('span', 'facts', line);
  s.bar = el('div', 'bar', s.root);
  s.bar.setAttribute('role', 'progressbar');
  s.bar.setAttribute('aria-label', counted);
  s.fill = el('div', 'fill', s.bar);
}

/** What a person holds (`s.held`) is drawn anew once it is let go of, until `s.life` ends. */
function drawOnRelease(s, draw) {
  const release = () => { if (s.held) setTimeout(() => { s.held = false; draw(s); }, 50); };   // after Plotly's own pointerup
  for (const name of ['pointerup', 'pointercancel']) addEventListener(name, release, { signal: s.life.signal, capture: true });
}

/** Charts, {gd, host} each, stay as wide as their places in `grid`; `s.sizes` observes it. */
function followWidth(s, grid, charts) {
  s.sizes = new ResizeObserver(() => {
    for (const c of charts()) if (c.gd && c.host.clientWidth && c.host.clientWidth !== c.gd.layout.width) s.P.Plots.resize(c.gd);
  });
  s.sizes.observe(grid);
}

/** Plotly.js, one script tag for the page however many components there are; forgotten after a failure, so that a retry can work. */
function plotly(address) {
  return window.ldLivePlotly ??= new Promise((done, fail) => {
    const script = document.createElement('script'), broken = () => { window.ldLivePlotly = null; fail(new Error('Plotly.js did not load')); };
    script.src = new URL(address, location.origin).href;
    script.onload = () => window.Plotly ? done(window.Plotly) : broken();
    script.onerror = broken;
    document.head.append(script);
  });
}

/**
 * Buttons that save a figure as a picture. `chart()` gives what is drawn at that moment: {P, data, layout, title, file} of a Plotly
 * chart, whose layout has a height, or {svg, width, height, file} of another drawing. A picture has a ground of the page's colour, for
 * its letters are those of the page, and room for its title.
 */
function pictureButtons(parent, says, chart) {
  const box = document.createElement('span');
  box.className = 'ld-pictures';
  parent.append(box);
  for (const format of ['png', 'svg']) {
    const button = document.createElement('button'), name = format.toUpperCase();
    button.type = 'button';
    button.textContent = name;
    button.title = `Save as ${name}`;
    button.setAttribute('aria-label', `Save as ${name}: ${says}`);
    button.addEventListener('click', async () => {
      button.disabled = true;
      try {
        const picture = await chart();
        await (picture.svg ? saveDrawing(picture, format) : saveChart(picture, format, parent));
      } catch (error) {
        console.error(error);
      } finally { button.disabled = false; }
    });
    box.append(button);
  }
  return box;
}

const PICTURE = { width: 700, top: 40, scale: 2 };   // px at least; px of a title; pixels of a PNG for each

function saveChart({ P, data, layout, title, file }, format, page) {
  const ground = getComputedStyle(page).getPropertyValue('--st-background-color').trim() || '#ffffff', margin = { ...layout.margin };
  const more = Math.max(0, PICTURE.top - (margin.t ?? 80)), width = Math.max(page.clientWidth, PICTURE.width), height = layout.height + more;
  const shown = { ...layout, width, height, autosize: false, paper_bgcolor: ground, plot_bgcolor: ground, margin: { ...margin, t: (margin.t ?? 80) + more },
    font: { ...layout.font, family: 'Arial, Helvetica, sans-serif' },   // The page's own font is not in the file, and wider letters would be cut off.
    title: { font: { size: 14 }, ...layout.title, x: 0.01, xref: 'container', text: layout.title?.text || plotlyText(title) } };
  return P.downloadImage({ data, layout: shown }, { format, width, height, scale: PICTURE.scale, filename: file });
}

/** A drawing that is SVG already. */
async function saveDrawing({ svg, width, height, file }, format) {
  let content = new Blob([svg], { type: 'image/svg+xml' });
  if (format === 'png') {
    const image = new Image(), canvas = document.createElement('canvas');
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    await image.decode();
    Object.assign(canvas, { width: PICTURE.scale * width, height: PICTURE.scale * height });
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    // At once: toBlob waits for a second where a page draws nothing meanwhile.
    const binary = atob(canvas.toDataURL('image/png').split(',')[1]);
    content = new Blob([Uint8Array.from(binary, one => one.charCodeAt(0))], { type: 'image/png' });
  }
  const link = document.createElement('a'), address = URL.createObjectURL(content);
  Object.assign(link, { href: address, download: `${file}.${format}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);   // A browser may ask first where to save it.
}
