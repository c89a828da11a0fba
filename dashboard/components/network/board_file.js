// The board as a picture file: the drawing and the picture beside it as SVG, each thing where it stands on the page.

const EDGE = 16, TITLE = 28;  // px around the board, and of the title above it.

/** {svg, width, height, file} of what is shown at this moment. */
function boardPicture(s) {
  const home = s.board.getBoundingClientRect(), width = Math.round(home.width) + 2 * EDGE, height = Math.round(home.height) + TITLE + 2 * EDGE;
  const epoch = s.scene?.epoch, title = `${s.data.name}: network${epoch ? ` at epoch ${whole.format(epoch)}` : ''}`, ground = theme(s).ground;
  const root = svg('svg', { xmlns: SVG, width, height, viewBox: `0 0 ${width} ${height}`, 'font-family': 'Arial, Helvetica, sans-serif' });
  svg('title', {}, root).textContent = title;
  svg('rect', { width, height, fill: ground }, root);
  svg('text', { x: EDGE, y: EDGE + 14, 'font-size': 14, fill: opaque(theme(s).text, ground) }, root).textContent = title;
  const board = svg('g', { transform: `translate(${EDGE - home.left} ${EDGE + TITLE - home.top})` }, root);
  for (const child of s.board.children) copy(child, board, ground);
  return { svg: new XMLSerializer().serializeToString(root), width, height, file: `${s.data.file}${epoch ? `-at-epoch-${epoch}` : ''}` };
}

/** Draws an element of the page, and what it holds, as SVG. */
function copy(element, into, ground) {
  const at = element.getBoundingClientRect(), css = getComputedStyle(element), place = { x: at.left, y: at.top, width: at.width, height: at.height };
  if (!at.width || css.visibility === 'hidden' || element.classList.contains('ld-pictures')) return;
  if (element instanceof SVGElement) return lines(element, into, ground);
  if (element instanceof HTMLSelectElement) return written(element, element.selectedOptions[0]?.text ?? '', place, into, ground);
  if (element instanceof HTMLCanvasElement) return svg('image', { ...place, href: element.toDataURL(), preserveAspectRatio: 'none' }, into);
  for (const child of element.childNodes) {
    if (child instanceof Element) copy(child, into, ground);
    else if (child.data?.trim()) written(element, child.data.trim(), place, into, ground);
  }
  if (element.classList.contains('ld-net-node'))
    svg('rect', { ...place, rx: at.width * parseFloat(css.borderRadius) / 100, fill: element.firstChild ? 'none' : ground, stroke: opaque(css.borderColor, ground), 'stroke-width': 1.5 }, into);
}

/** The lines of a drawing, with the strokes that the page's style sheet gives them. */
function lines(drawing, into, ground) {
  const at = drawing.getBoundingClientRect(), group = svg('g', { transform: `translate(${at.left} ${at.top})`, fill: 'none' }, into);
  for (const line of drawing.children) {
    const css = getComputedStyle(line), drawn = line.cloneNode(true);
    drawn.removeAttribute('class');
    for (const name of ['stroke-opacity', 'stroke-width', 'stroke-dasharray']) drawn.setAttribute(name, css.getPropertyValue(name));
    drawn.setAttribute('stroke', opaque(css.stroke, ground));
    group.append(drawn);
  }
}

/** Text in an element's room: cut where the page cuts it. */
function written(element, text, { x, y, width, height }, into, ground) {
  const css = getComputedStyle(element), size = parseFloat(css.fontSize), anchor = { right: 'end', end: 'end', center: 'middle' }[css.textAlign] ?? 'start';
  const bold = Number(css.fontWeight) >= 600, shown = element.scrollWidth > element.clientWidth + 1 ? cut(text, width, `${bold ? 'bold ' : ''}${size}px Arial, Helvetica, sans-serif`) : text;
  const left = x + ({ end: width, middle: width / 2 }[anchor] ?? 0), about = { 'text-anchor': anchor, 'font-size': size, fill: opaque(css.color, ground) };
  svg('text', { x: left.toFixed(1), y: (y + height / 2 + 0.35 * size).toFixed(1), ...about, ...bold && { 'font-weight': 'bold' } }, into).textContent = shown;
}

/** The beginning of a text that is no wider than its room, with an ellipsis. */
function cut(text, room, font) {
  const paint = cut.paint ??= document.createElement('canvas').getContext('2d');
  paint.font = font;
  let most = text.length;
  while (most > 1 && paint.measureText(`${text.slice(0, most)}…`).width > room) most -= 1;
  return most < text.length ? `${text.slice(0, most)}…` : text;
}

/** A colour of the page over its ground, in words that every program for pictures reads. */
function opaque(colour, ground) { return `rgb(${rgb(colour, ground).join(', ')})`; }
