// The drawing: a column of units for the inputs and each layer, edges by sign and size of their weights.

const SVG = 'http://www.w3.org/2000/svg', MOST = 12, HEAD = 34, FOOT = 18, SIDE_WORDS = { 64: 0, 84: 48, 104: 60, 136: 88, 168: 144 };  // Pixels.
const LETTER = 0.52;  // Of the size of the type.

function svg(tag, attributes, parent) {
  const e = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  parent?.append(e);
  return e;
}

/** What is drawn: names and sizes from the run where there is one, else from the sketch of what would be trained. */
function plan(s) {
  const { sketch } = s.data, still = s.still;
  const inputs = still?.inputs ?? sketch.inputs, columns = sketch.columns.map((c, i) => ({ ...c, ...still?.columns[i], title: c.title }));
  return [{ title: 'Input', units: inputs.names.length + inputs.more, labels: inputs.names, after: [] }, ...columns];
}

function draw(s) {
  const wide = s.drawing.clientWidth, tall = s.data.height;
  if (!wide) return;
  const key = `${wide} ${tall} ${s.sketch} ${s.of ?? 0}`;
  if (s.built !== key) { s.built = key; build(s, wide, tall); }
  if (!s.scene) return;
  const strong = s.scene.columns.map(c => Math.max(1e-9, ...c.kernel.flat().map(Math.abs)));
  for (const e of s.edges) {
    const weight = s.scene.columns[e.column]?.kernel[e.from]?.[e.to] ?? 0, size = Math.abs(weight) / strong[e.column];
    e.line.setAttribute('stroke-width', (0.25 + 3 * size).toFixed(2));
    e.line.setAttribute('class', weight < 0 ? 'ld-net-less' : 'ld-net-more');
    e.line.setAttribute('stroke-opacity', (0.12 + 0.75 * size).toFixed(2));
  }
  for (const n of s.nodes) if (n.canvas) thumbnail(s, n);
}

// Labels in a room of `most` letters: where several would be cut to the same beginning, most of it is left out, and all in little room;
// a word less, where that finds room or several would end alike: "season sine" and "weekday sine". Where they would still look alike,
// the beginnings of the words that not all of them have.
function apart(labels, most) {
  const cut = labels.map(label => {
    if (label.length <= most) return [label];
    const alike = labels.filter(other => other.slice(0, most - 1) === label.slice(0, most - 1));
    if (alike.length < 2) return [label];
    let same = 0;
    while (same < label.length && alike.every(other => other[same] === label[same])) same++;
    if (same >= label.length) return [label];
    const word = /[^\p{L}\p{N}]+[\p{L}\p{N}]*$/u, before = label.slice(0, same).search(/[^\p{L}\p{N}][\p{L}\p{N}]*$/u) + 1;  // From the beginning of a word on.
    const whole = before || same, earlier = label.slice(0, whole).replace(/[^\p{L}\p{N}]+$/u, '').search(word) + 1;
    const begin = most < 7 ? '' : label.slice(0, 2), more = earlier ? `…${label.slice(earlier).trimStart()}` : '';
    const fits = more && ((begin + more).length <= most ? begin + more : more.length <= most + 2 && more);
    return fits ? [fits] : [`${begin}…${label.slice(whole)}`, more];
  });
  const told = cut.map(([short, longer]) => longer && cut.filter(([other]) => other === short).length > 1 ? longer : short);
  const different = new Set(labels).size, tight = beginnings(labels, most);
  return new Set(told.map(one => one.slice(0, most))).size < different && new Set(tight).size === different ? tight : told;
}

/** Each label as the beginnings of the words that not all of them have, in a room of `most` letters. As dashboard/text.py. */
function beginnings(labels, most) {
  const words = labels.map(label => label.trim().split(/\s+/)), shared = new Set(words[0]?.filter(word => words.every(one => one.includes(word))));
  return telling(words.map(one => { const own = one.filter(word => !shared.has(word)); return own.length ? own : one; })).map(some => {
    const sizes = some.map(word => word.length);
    while (sizes.reduce((sum, size) => sum + size + 1, -1) > most && Math.max(...sizes) > 1) sizes[sizes.indexOf(Math.max(...sizes))] -= 1;
    return some.map((word, i) => word.slice(0, sizes[i])).join(' ');
  });
}

/** The words of names without those that are not needed to tell them apart, the last ones first. */
function telling(names) {
  for (const word of [...new Set(names.flat())].reverse()) {
    const without = names.map(one => one.filter(other => other !== word));
    const alike = without.some((one, i) => without.some((other, j) => i !== j && one.every(some => other.includes(some))));
    if (!alike) names = without;
  }
  return names;
}

/** Pixels of the names at either side of a drawing, of those on the right `right` at most: as many as leave so many between two of its columns. */
function sideWords(wide, columns, right = Infinity) {
  const fits = ([words, gap]) => (wide - words - Math.min(words, right)) / Math.max(1, columns - 1) >= gap;
  return Number(Object.entries(SIDE_WORDS).findLast(fits)?.[0] ?? 64);
}

function build(s, wide, tall) {
  const columns = plan(s), longest = Math.max(0, ...columns.at(-1).labels.slice(0, MOST).map(label => label.length));
  const outputs = Math.max(40, 24 + 7 * longest), words = sideWords(wide, columns.length, outputs), left = words, right = Math.min(words, outputs), at = i => left + (wide - left - right) * i / Math.max(1, columns.length - 1);
  const room = tall - HEAD - FOOT, shown = columns.map(c => Math.min(MOST, c.units)), most = Math.max(...shown);
  const size = Math.max(8, Math.min(24, room / most - 3)), gap = Math.min(38, room / most);
  const y = (i, unit) => HEAD + room / 2 + (unit - (shown[i] - 1) / 2) * gap;
  s.drawing.replaceChildren();
  s.drawing.style.height = `${tall}px`;
  const picture = svg('svg', { width: wide, height: tall, 'aria-hidden': 'true' }, s.drawing);
  Object.assign(s, { edges: [], nodes: [], heads: [] });
  columns.slice(1).forEach((column, c) => {
    for (let from = 0; from < shown[c]; from++) for (let to = 0; to < shown[c + 1]; to++) {
      const x1 = at(c) + size / 2, x2 = at(c + 1) - size / 2, middle = (x1 + x2) / 2, y1 = y(c, from), y2 = y(c + 1, to);
      const line = svg('path', { d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`, class: 'ld-net-edge', fill: 'none', 'stroke-width': 0.6 }, picture);
      s.edges.push({ line, column: c, from, to });
    }
    if (column.after.length) {
      const x = (at(c + 1) + (c + 2 < columns.length ? at(c + 2) : wide)) / 2;
      if (c + 2 < columns.length) svg('line', { x1: x, x2: x, y1: HEAD, y2: tall - FOOT, class: 'ld-net-pass' }, picture);
    }
  });
  columns.forEach((column, i) => {
    for (let unit = 0; unit < shown[i]; unit++) s.nodes.push(node(s, i - 1, unit, at(i), y(i, unit), size, column));
    const ends = !i || i === columns.length - 1, labels = ends ? column.labels.slice(0, shown[i]) : [];
    const side = (i ? right : left) - size / 2 - 6;
    const boxes = labels.map((label, unit) => {
      const box = el('div', i ? 'label out' : 'label', s.drawing, label);
      box.title = label;
      box.style.cssText = `${i ? `left:${at(i) + size / 2 + 5}` : `right:${wide - at(i) + size / 2 + 5}`}px;top:${y(i, unit)}px;max-width:${side}px`;
      return box;
    });
    if (boxes.length) apart(labels, side / LETTER / parseFloat(getComputedStyle(boxes[0]).fontSize)).forEach((told, unit) => { boxes[unit].textContent = told; });
    const more = column.units - shown[i], head = el(i ? 'button' : 'div', 'head', s.drawing);
    const room = (wide - left - right) / Math.max(1, columns.length - 1);
    head.style.cssText = `left:${at(i)}px;transform:translateX(-50%);max-width:${i && i < columns.length - 1 ? room - 4 : Math.min(room, 2 * (i ? right : left)) - 4}px`;
    el('b', '', head, column.title);
    el('span', '', head, `${whole.format(column.units)}${column.after.length ? ' · ' + column.after.join(', ') : ''}`);
    if (more > 0) el('div', 'rest', s.drawing, `+${whole.format(more)}`).style.cssText = `left:${at(i)}px;top:${tall - FOOT}px`;
    if (i) {
      head.type = 'button';
      head.title = 'Weights, outputs and health of this layer';
      head.setAttribute('aria-expanded', String(s.open === i - 1));
      head.addEventListener('click', () => open(s, s.open === i - 1 ? null : i - 1));
      s.heads.push(head);
    }
  });
  s.drawing.setAttribute('role', 'group');
  s.drawing.setAttribute('aria-label', 'Network of ' + columns.map(c => `${c.title} ${c.units}`).join(', '));
}

/** Opens a layer beside the drawing, or none; whoever closed it by keyboard is back at its name. */
function open(s, layer) {
  const was = s.open;
  s.open = layer;
  s.heads.forEach((head, i) => head.setAttribute('aria-expanded', String(i === layer)));
  if (layer === null) s.heads[was]?.focus({ preventScroll: true });
  redraw(s);
}

/** A unit: a dot, or where there is a plane of two features its own picture of it. */
function node(s, column, unit, x, y, size, of) {
  const box = el('div', column < 0 ? 'node input' : 'node', s.drawing), found = { box, column, unit };
  box.style.cssText = `left:${x - size / 2}px;top:${y - size / 2}px;width:${size}px;height:${size}px`;
  Object.assign(box.dataset, { column, unit });
  if (s.still?.plane && size >= 14) {
    found.canvas = el('canvas', '', box);
    found.canvas.width = found.canvas.height = s.still.plane.grid / 2;
  }
  const show = () => tell(s, found, of), hide = () => { s.tip.hidden = true; for (const e of s.edges) e.line.classList.remove('ld-net-lit'); };
  box.addEventListener('pointerenter', show);
  box.addEventListener('click', show);
  box.addEventListener('pointerleave', hide);
  return found;
}

/** A tooltip with what is known of a unit: bias, strongest weights, what it responds to. */
function tell(s, { box, column, unit }, of) {
  const layer = s.scene?.columns[column], before = plan(s)[column], lines = [];
  if (column < 0) lines.push(of.labels[unit] ?? `Input ${unit + 1}`);
  else {
    lines.push(`${of.labels[unit] ? of.labels[unit] + ': ' : ''}unit ${unit + 1} of ${whole.format(of.units)}, ${of.title}`);
    if (!layer) lines.push('Not trained yet: press Train.');
    else {
      lines.push(`bias ${short(layer.bias[unit])}, mean output ${short(layer.mean[unit])}`);
      const weights = layer.kernel.map((row, i) => [before.labels[i] ?? `unit ${i + 1}`, row[unit]]).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, 4);
      lines.push('weights: ' + weights.map(([name, w]) => `${name} ${short(w)}`).join(', '));
      const follows = layer.follows[unit] ?? [];
      lines.push(follows.length ? 'responds to: ' + follows.map(([name, r]) => `${r > 0 ? 'more' : 'less'} ${name} (${short(r)})`).join(', ') : 'responds to no single input');
    }
  }
  for (const e of s.edges) e.line.classList.toggle('ld-net-lit', e.column === column && e.to === unit || e.column === column + 1 && e.from === unit);
  s.tip.replaceChildren(...lines.map((line, i) => el(i ? 'div' : 'b', '', null, line)));
  s.tip.hidden = false;
  const home = s.root.getBoundingClientRect(), at = box.getBoundingClientRect(), wide = s.tip.offsetWidth;
  s.tip.style.left = `${Math.max(0, Math.min(at.left - home.left + at.width + 8, home.width - wide))}px`;
  s.tip.style.top = `${at.bottom - home.top + 6}px`;
}

function thumbnail(s, { canvas, column, unit }) {
  const { grid } = s.still.plane, side = grid / 2, image = new ImageData(side, side), colours = s.colours ??= theme(s), ground = rgb(colours.ground);
  let values;
  if (column >= 0) { const text = s.scene.columns[column]?.pictures?.[unit]; if (!text) return; values = bytes(text); }
  else {
    const which = s.still.plane.features.indexOf(s.still.inputs.names[unit]);
    if (which < 0) return;
    values = Uint8Array.from({ length: side * side }, (_, i) => 255 * (which ? Math.floor(i / side) : i % side) / (side - 1));
  }
  for (let i = 0; i < values.length; i++) {
    const to = ((side - 1 - Math.floor(i / side)) * side + i % side) * 4, [r, g, b] = mixed(colours, ground, values[i] / 255);
    image.data[to] = r; image.data[to + 1] = g; image.data[to + 2] = b; image.data[to + 3] = 255;
  }
  canvas.getContext('2d').putImageData(image, 0, 0);
}
