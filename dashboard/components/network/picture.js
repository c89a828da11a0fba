// Beside the drawing: what the network answers, as a plane of two features, as predicted against actual or as a confusion matrix; or,
// of the layer that is open, its histograms by epoch and its health. Below it: pinned rows, whose answers move.

function side(s) {
  s.colours = theme(s);
  if (s.open !== null && s.scene?.columns[s.open]) return layer(s);
  if (s.layerHead != null) { s.layerHead = null; s.side.replaceChildren(); s.pictureHead = null; }
  if (!s.pictureHead) {
    s.pictureHead = el('div', 'choose', s.side);
    s.canvas = el('canvas', 'picture', s.side);
    s.canvas.setAttribute('role', 'img');
    s.says = el('div', 'says', s.side);
  }
  choices(s);
  const wide = s.side.clientWidth, below = s.side.offsetTop >= s.drawing.offsetTop + s.drawing.offsetHeight;
  const tall = tallness(s, below, s.pictureHead.offsetHeight);
  const paint = brush(s.canvas, wide, tall), kind = !s.scene ? 'nothing' : s.still.plane ? 'plane' : s.scene.picture.confusion ? 'confusion' : s.scene.picture.predicted ? 'amounts' : 'share';
  s.canvas.dataset.kind = kind;
  ({ nothing: waiting, plane: surface, confusion, amounts, share })[kind](s, paint, wide, tall);
}

/** The picture's height; below the drawing, on a phone, one that nobody has begun is a line. */
const tallness = (s, below, head) => below && !s.scene && !s.data.url ? 40 : Math.max(120, s.data.height - head - 22);

/** Which picture: that of the answers, or a plane of two features. */
function choices(s) {
  const planes = s.still?.planes ?? s.data.sketch.planes, now = s.still?.plane?.features ?? null, key = JSON.stringify([planes, now, !!s.still]);
  if (s.chosen === key && s.pictureHead.childElementCount) return;
  s.chosen = key;
  s.pictureHead.replaceChildren();
  if (planes.length < 2) { el('b', '', s.pictureHead, 'Predictions'); return; }
  const pick = (label, options, value, take) => {
    const box = el('select', 'select', s.pictureHead);
    box.setAttribute('aria-label', label);
    for (const [name, text] of options) box.append(new Option(text, name, false, name === value));
    box.addEventListener('change', () => take(box.value));
  };
  const named = planes.map(name => [name, name]);
  pick('Picture', [['', 'Predictions'], ['plane', 'Decision surface']], now ? 'plane' : '',
    value => s.ask({ do: 'plane', features: value ? [planes[0], planes[1]] : null }));
  if (now) {
    pick('Across', named, now[0], value => s.ask({ do: 'plane', features: [value, value === now[1] ? now[0] : now[1]] }));
    pick('Up', named, now[1], value => s.ask({ do: 'plane', features: [value === now[0] ? now[1] : now[0], value] }));
  }
}

/** A canvas at the screen's own resolution, cleared. */
function brush(canvas, wide, tall) {
  const ratio = devicePixelRatio || 1;
  if (canvas.width !== Math.round(wide * ratio) || canvas.height !== Math.round(tall * ratio)) {
    Object.assign(canvas, { width: Math.round(wide * ratio), height: Math.round(tall * ratio) });
    canvas.style.cssText = `width:${wide}px;height:${tall}px`;
  }
  const paint = canvas.getContext('2d');
  paint.setTransform(ratio, 0, 0, ratio, 0, 0);
  paint.clearRect(0, 0, wide, tall);
  paint.font = `11px ${getComputedStyle(canvas).fontFamily}`;
  return paint;
}

function caption(s, text) { put(s.says, text); s.canvas.setAttribute('aria-label', text); }

function waiting(s, paint, wide, tall) {
  paint.fillStyle = s.colours.text;
  paint.globalAlpha = 0.55;
  paint.textAlign = 'center';
  paint.fillText(s.data.run ? 'Waiting for the first picture' : 'Press Train to see predictions here', wide / 2, tall / 2, wide - 8);
  paint.globalAlpha = 1;
  put(s.says, '');
  s.canvas.setAttribute('aria-label', 'No picture yet');
}

/** Words that are cut, not squeezed, where they find no room. */
function within(paint, words, room) {
  let end = words.length;
  const told = () => end < words.length ? `${words.slice(0, end).trimEnd()}…` : words;
  while (end > 1 && paint.measureText(told()).width > room) end -= 1;
  return told();
}

function axes(s, paint, x, y, w, h, across, up) {
  paint.strokeStyle = s.colours.text;
  paint.fillStyle = s.colours.text;
  paint.globalAlpha = 0.25;
  paint.strokeRect(x, y, w, h);
  paint.globalAlpha = 0.7;
  paint.textAlign = 'center';
  paint.fillText(within(paint, across, w), x + w / 2, y + h + 12, w);
  paint.save();
  paint.translate(x - 5, y + h / 2);
  paint.rotate(-Math.PI / 2);
  paint.fillText(within(paint, up, h), 0, 0, h);
  paint.restore();
  paint.globalAlpha = 1;
}

function surface(s, paint, wide, tall) {
  const { plane, targets: [target], scale } = s.still, { grid } = plane, { colours } = s, ground = rgb(colours.ground), found = s.scene.surface;
  if (!found) return waiting(s, paint, wide, tall);
  const image = new ImageData(grid, grid), value = found.value && bytes(found.value), which = found.class && bytes(found.class), sure = found.sure && bytes(found.sure);
  const classes = which && target.classes.map((_, i) => rgb(CLASSES[i % CLASSES.length]));
  for (let i = 0; i < grid * grid; i++) {
    const to = ((grid - 1 - Math.floor(i / grid)) * grid + i % grid) * 4;
    const c = which ? classes[which[i]].map((c, k) => ground[k] + (c - ground[k]) * (0.15 + 0.65 * sure[i] / 255)) : mixed(colours, ground, value[i] / 255).map((c, k) => ground[k] + (c - ground[k]) * 0.8);
    image.data[to] = c[0]; image.data[to + 1] = c[1]; image.data[to + 2] = c[2]; image.data[to + 3] = 255;
  }
  const small = s.small ??= document.createElement('canvas');
  small.width = small.height = grid;
  small.getContext('2d').putImageData(image, 0, 0);
  const w = wide - 20, h = tall - 16, x = 16, y = 0;
  paint.imageSmoothingEnabled = true;
  paint.drawImage(small, x, y, w, h);
  const px = v => x + w * (v - plane.low[0]) / (plane.high[0] - plane.low[0]), py = v => y + h - h * (v - plane.low[1]) / (plane.high[1] - plane.low[1]);
  paint.save();
  paint.beginPath();
  paint.rect(x, y, w, h);
  paint.clip();
  for (const part of ['train', 'test']) for (const [a, b, truth] of plane.points[part]) {
    const share = target.kind === 'regression' ? (truth - scale[0]) / (scale[1] - scale[0]) : truth;
    const c = target.kind === 'multiclass' ? rgb(CLASSES[truth % CLASSES.length]) : mixed(colours, ground, Math.max(0, Math.min(1, share)));
    paint.beginPath();
    paint.arc(px(a), py(b), part === 'train' ? 2.4 : 2.8, 0, 7);
    paint.fillStyle = `rgb(${c})`;
    paint.strokeStyle = part === 'train' ? `rgb(${ground})` : colours.text;
    paint.lineWidth = 0.8;
    paint.fill();
    paint.stroke();
  }
  paint.restore();
  axes(s, paint, x, y, w, h, plane.features[0], plane.features[1]);
  caption(s, 'Dots: training rows; ringed: test rows');
}

function amounts(s, paint, wide, tall) {
  const { truth, scale: [low, high], targets } = s.still, { predicted } = s.scene.picture, { colours } = s;
  const x = 16, y = 2, w = wide - 20, h = tall - 18, room = 0.06 * (high - low) || 1;
  const at = v => Math.min(Math.max((v - low + room) / (high - low + 2 * room), 0.01), 0.99);   // what is beyond the training range stands at the edge
  axes(s, paint, x, y, w, h, `actual ${targets[0].target}`, 'predicted');
  paint.save();
  paint.beginPath();
  paint.rect(x, y, w, h);
  paint.clip();
  paint.strokeStyle = colours.text;
  paint.globalAlpha = 0.35;
  paint.setLineDash([4, 4]);
  paint.beginPath();
  paint.moveTo(x, y + h);
  paint.lineTo(x + w, y);
  paint.stroke();
  paint.setLineDash([]);
  paint.globalAlpha = 0.6;
  paint.fillStyle = `rgb(${colours.high})`;
  let off = 0, counted = 0;
  truth.forEach((actual, i) => {
    if (predicted[i] == null || actual == null) return;
    off += Math.abs(predicted[i] - actual);
    counted += 1;
    paint.beginPath();
    paint.arc(x + w * at(actual), y + h * (1 - at(predicted[i])), 2.4, 0, 7);
    paint.fill();
  });
  paint.restore();
  caption(s, counted ? `${rowsOf(s, truth.length)}: mean absolute error ${amount(s, off / counted)}` : '');
}

/** The rows of the picture in words: "Validation rows", or of many "600 of 3,000 validation rows". */
function rowsOf(s, drawn) {
  const part = s.still.part === 'train' ? 'training' : 'validation', all = s.still.rows ?? drawn;
  return drawn < all ? `${drawn} of ${all.toLocaleString('en')} ${part} rows` : `${part[0].toUpperCase()}${part.slice(1)} rows`;
}

function confusion(s, paint, wide, tall) {
  const { confusion: counts } = s.scene.picture, { classes } = s.still.targets[0], n = counts.length, { colours } = s;
  const named = tall / n > 11, x = named ? Math.min(wide / 3, 6 + Math.max(...classes.map(name => paint.measureText(name).width))) : 16, y = 2, w = wide - x - 4, h = tall - 30, cw = w / n, ch = h / n;
  const most = Math.max(1, ...counts.flat()), total = counts.flat().reduce((a, b) => a + b, 0), right = counts.reduce((sum, row, i) => sum + row[i], 0);
  counts.forEach((row, i) => row.forEach((count, j) => {
    paint.fillStyle = `rgba(${i === j ? colours.high : colours.low}, ${count ? 0.1 + 0.85 * count / most : 0.04})`;
    paint.fillRect(x + j * cw + 0.5, y + i * ch + 0.5, cw - 1, ch - 1);
    if (cw > 22 && ch > 13 && count) {
      paint.fillStyle = inkOn(colours, count / most);
      paint.textAlign = 'center';
      paint.fillText(count, x + (j + 0.5) * cw, y + (i + 0.5) * ch + 4, cw - 4);
    }
  }));
  paint.fillStyle = colours.text;
  paint.globalAlpha = 0.75;
  classes.forEach((name, i) => {
    paint.textAlign = 'center';
    if (cw > 26) paint.fillText(within(paint, name, cw - 4), x + (i + 0.5) * cw, y + h + 12);   // Else the order says it: that of the rows.
    paint.textAlign = 'right';
    if (named) paint.fillText(within(paint, name, x - 4), x - 3, y + (i + 0.5) * ch + 4);
  });
  paint.textAlign = 'center';
  paint.fillText('predicted', x + w / 2, y + h + 25, w);
  paint.globalAlpha = 1;
  caption(s, `${rowsOf(s, total)}: ${right} correct (${percent(right, total)}%)`);
}

/** The colour of a number on a cell: on dark ground the fullest cells are too light for light letters. */
const inkOn = (colours, full) => full > 0.6 && rgb(colours.ground).reduce((sum, part) => sum + part) < 3 * 128 ? colours.ground : colours.text;

/** A share in percent; 100 only where none is missing, 0 only where there is none. */
function percent(part, whole) {
  const found = Math.round(100 * part / Math.max(1, whole));
  if (found === 100 && part < whole) return Math.min(99.9, Math.floor(1000 * part / whole) / 10);
  return found === 0 && part > 0 ? Math.max(0.1, Math.ceil(1000 * part / whole) / 10) : found;
}

function share(s, paint, wide, tall) {
  const { right, rows } = s.scene.picture;
  paint.fillStyle = s.colours.text;
  paint.textAlign = 'center';
  paint.font = `28px ${getComputedStyle(s.canvas).fontFamily}`;
  paint.fillText(`${(100 * right).toFixed(1)}%`, wide / 2, tall / 2);
  caption(s, `${rowsOf(s, rows)}: accuracy over all classes`);
}

// ---------------------------------------------------------------- a layer that is open

function layer(s) {
  const of = plan(s)[s.open + 1], found = s.scene.columns[s.open];
  if (s.layerHead !== s.open) {
    s.layerHead = s.open;
    s.side.replaceChildren();
    s.pictureHead = null;
    const head = el('div', 'choose', s.side);
    el('b', '', head, `Layer ${s.open + 1}: ${of.title}`);
    const close = el('button', 'close', head, 'Close');
    close.type = 'button';
    close.addEventListener('click', () => open(s, null));
    s.facts = el('div', 'facts', s.side);
    s.strips = ['weights', 'outputs'].map(name => { el('div', 'strip', s.side, `${name} by epoch`); return el('canvas', 'strip', s.side); });
  }
  const { dead, saturated, gradient, moved } = found.health, facts = [];
  if (dead != null) facts.push(['Dead units', `${Math.round(100 * dead)}%`, dead > 0.3]);
  if (saturated != null) facts.push(['Saturated outputs', `${Math.round(100 * saturated)}%`, saturated > 0.5]);
  facts.push(['Gradient', short(gradient), false]);
  if (moved != null) facts.push(['Weight change per step', `${short(100 * moved)}%`, moved > 0.05]);
  s.facts.replaceChildren(...facts.flatMap(([name, value, bad]) => [el('span', '', null, name), el(bad ? 'b' : 'span', bad ? 'bad' : '', null, value)]));
  const tall = Math.max(30, (s.data.height - 92 - 20 * facts.length) / 2);
  s.strips.forEach((canvas, which) => strip(s, canvas, s.past.map(one => one.columns[s.open]?.[which]).filter(Boolean), tall));
}

/** Histograms side by side, the oldest epoch left: the darker, the more. */
function strip(s, canvas, columns, tall) {
  const wide = s.side.clientWidth, paint = brush(canvas, wide, tall), low = Math.min(...columns.map(c => c.low)), high = Math.max(...columns.map(c => c.high)), span = high - low || 1;
  const w = (wide - 44) / Math.max(1, columns.length), y = v => tall - 2 - (tall - 4) * (v - low) / span;
  columns.forEach(({ low: from, high: to, counts }, i) => {
    const most = Math.max(1, ...counts), each = (to - from) / counts.length;
    counts.forEach((count, bin) => {
      if (!count) return;
      paint.fillStyle = `rgba(${s.colours.high}, ${0.08 + 0.9 * Math.sqrt(count / most)})`;
      const top = y(from + (bin + 1) * each);
      paint.fillRect(44 + i * w, top, Math.ceil(w), Math.max(1, y(from + bin * each) - top));
    });
  });
  paint.fillStyle = s.colours.text;
  paint.globalAlpha = 0.7;
  paint.textAlign = 'right';
  paint.fillText(short(high), 40, 10, 38);
  paint.fillText(short(low), 40, tall - 3, 38);
  paint.globalAlpha = 1;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `from ${short(low)} to ${short(high)} over ${columns.length} snapshots`);
}

// ---------------------------------------------------------------- pinned rows

function pins(s) {
  const { pins: labels } = s.data;
  s.pinned.hidden = !labels.length;
  if (s.pinned.childElementCount !== labels.length || s.pinKey !== labels.join('\n')) {
    s.pinKey = labels.join('\n');
    s.pinned.replaceChildren(...labels.map((label, at) => {
      const card = el('div', 'pin'), head = el('div', 'pin-head', card);
      el('span', 'pin-label', head, label).title = label;
      const gone = el('button', 'unpin', head, '×');
      gone.type = 'button';
      gone.setAttribute('aria-label', `Unpin ${label}`);
      gone.addEventListener('click', () => s.ask({ do: 'unpin', at }));
      const line = el('div', 'pin-line', card);
      el('b', 'pin-value', line, '–');
      el('canvas', 'spark', line);
      return card;
    }));
  }
  [...s.pinned.children].forEach((card, at) => {
    const now = s.scene?.pins[at], value = card.querySelector('.ld-net-pin-value');
    put(value, now ? now.map((one, k) => said(s, one, k)).join(' · ') : '–');
    spark(s, card.querySelector('canvas'), s.past.map(one => one.pins[at]?.[0]).filter(one => one != null).map(one => Array.isArray(one) ? one[1] : one));
  });
}

/** An amount in its unit, or a class and how sure the network is of it. */
function said(s, answer, which) {
  if (answer == null) return '–';
  if (Array.isArray(answer)) return `${answer[0]} (${Math.round(100 * answer[1])}%)`;
  const unit = which ? '' : s.data.unit;
  return inUnit(unit, answer, v => among(s.still.targets[which].scale, v, unit));
}

function spark(s, canvas, values) {
  const paint = brush(canvas, 64, 20);
  if (values.length < 2) return;
  const low = Math.min(...values), span = Math.max(...values) - low || 1;
  paint.strokeStyle = `rgb(${s.colours.high})`;
  paint.lineWidth = 1.4;
  paint.beginPath();
  values.forEach((value, i) => paint[i ? 'lineTo' : 'moveTo'](2 + 60 * i / (values.length - 1), 17 - 14 * (value - low) / span));
  paint.stroke();
}
