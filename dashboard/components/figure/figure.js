// One Plotly figure, drawn once and then changed in place.
//
//   data:    {figure: {data, layout}, lib, says, file, picks}    see __init__.py
//   trigger: picked = [number of the trace, number of its point]; of a matrix the point is [row, column]
//   tests:   .ld-figure[data-drawn]                 how often it was drawn

export default lasting(mount, take, s => { s.gone = true; s.sizes.disconnect(); s.P?.purge(s.root); });

function take(s, data) {
  s.data = data;
  s.root.style.height = `${fitted(data.figure, s.root.clientWidth).layout.height}px`;   // The same before it is drawn: what stands below stays there.
  s.root.setAttribute('aria-label', data.says);
  if (data.says !== s.says) {
    s.says = data.says;
    s.pictures?.remove();
    s.pictures = pictureButtons(s.box, data.says, () => ({ P: s.P, data: s.root.data, layout: s.root.layout, title: s.data.says, file: s.data.file }));
  }
  draw(s);
}

function mount(parent) {
  const box = document.createElement('div'), root = document.createElement('div'), s = { parent, box, root };
  box.className = 'ld-figure-box';
  root.className = 'ld-figure';
  root.setAttribute('role', 'img');
  parent.append(box);
  box.append(root);
  s.sizes = new ResizeObserver(() => {
    if (!s.P || !root.clientWidth || root.clientWidth === root.layout?.width) return;
    const { layout } = fitted(s.data.figure, root.clientWidth);
    if (s.fit === JSON.stringify([layout.title, layout.xaxis?.ticktext])) { s.P.Plots.resize(root); return; }
    root.style.height = `${layout.height}px`;
    draw(s);
  });
  s.sizes.observe(root);
  return s;
}

async function draw(s) {
  if (s.drawing) { s.again = true; return; }   // Only the newest figure is worth the time.
  s.drawing = true;
  try {
    s.P = await plotly(s.data.lib);
    do {
      s.again = false;
      const { data, layout } = fitted(s.data.figure, s.root.clientWidth);
      s.fit = JSON.stringify([layout.title, layout.xaxis?.ticktext]);
      if (!s.gone) await s.P.react(s.root, lit(s, data), lit(s, themed(s, layout)), { displaylogo: false, displayModeBar: false, scrollZoom: false });
      if (s.data.picks && !s.picks) {
        s.picks = true;
        s.root.on('plotly_click', ({ points: [point] }) => {
          if (point.pointNumber !== undefined) s.trigger('picked', [point.curveNumber, point.pointNumber]);
        });
      }
      s.root.dataset.drawn = Number(s.root.dataset.drawn ?? 0) + 1;
    } while (s.again);
  } catch (error) {
    if (!s.gone) s.root.textContent = 'The chart could not be drawn: reload the page.';
    console.error(error);
  } finally { s.drawing = false; }
}

// What is too dark for dark ground, and what is drawn there in its place.
const LIT = { '#4c6ef5': '#91a7ff', '#495057': '#ced4da', '#7950f2': '#b197fc', '#e8590c': '#ff922b', '#2b8a3e': '#69db7c', '#ae3ec9': '#da77f2', '#0c8599': '#3bc9db', '#e03131': '#ff8787' };

/** The traces, on dark ground with its colours; lists of values stay as they are. */
function lit(s, value) {
  if (!dark(s)) return value;
  const values = one => ArrayBuffer.isView(one) || 'bdata' in one || Array.isArray(one) && typeof one[0] !== 'object' && one[0]?.[0] !== '#';
  const swap = one => typeof one === 'string' ? LIT[one] ?? one : !one || typeof one !== 'object' || values(one) ? one
    : Array.isArray(one) ? one.map(swap) : Object.fromEntries(Object.entries(one).map(([name, of]) => [name, name === 'opacity' && of > 0 ? (1 + of) / 2 : swap(of)]));
  return swap(value);
}

/** Whether the page's ground is dark. */
function dark(s) {
  const pen = dark.pen ??= document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  pen.fillStyle = getComputedStyle(s.parent).getPropertyValue('--st-background-color').trim() || '#ffffff';
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return red + green + blue < 3 * 128;
}

const BUTTONS = 92, TITLE = 18, NAME = 14, SIDES = 30;   // px: of the buttons beside a title, of a line of it, of a name below an axis, beside the names on the left

/** The figure as a place of so many px shows it: a long title in lines, of many names below every second or third, and in cells too narrow for it no text. */
function fitted({ data, layout }, wide) {
  if (!wide) return { data, layout };
  const title = typeof layout.title === 'object' ? layout.title?.text : layout.title, lines = title ? wrapped(title, wide - BUTTONS) : [], more = TITLE * Math.max(0, lines.length - 1);
  const shown = more ? { ...layout, height: layout.height + more, title: { ...layout.title, text: lines.join('<br>') }, margin: { ...layout.margin, t: (layout.margin?.t ?? 80) + more } } : layout;
  const { ticktext: names, tickvals: values } = layout.xaxis ?? {}, left = layout.yaxis?.ticktext ?? [];
  if (!Array.isArray(names) || !names.length) return { data, layout: shown };
  const each = (wide - SIDES - Math.max(0, ...left.map(name => widthOf(name, 12)))) / names.length, every = Math.ceil(NAME / Math.max(1, each)), some = (_, at) => at % every === 0;
  if (every < 2) return { data, layout: shown };
  return { data: data.map(one => one.texttemplate ? { ...one, texttemplate: null } : one),
    layout: { ...shown, xaxis: { ...layout.xaxis, ticktext: names.filter(some), tickvals: values.filter(some) } } };
}

/** Words in lines of at most so many px; a longer word has a line of its own. */
function wrapped(text, room) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (lines.at(-1) && widthOf(longer, 14) > room) lines.push(word); else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** px of a text of a figure, rather more than less: entities are single letters there. */
function widthOf(text, size) {
  const pen = widthOf.pen ??= document.createElement('canvas').getContext('2d');
  pen.font = `${size}px sans-serif`;
  return pen.measureText(String(text).replace(/&\w+;/g, 'm')).width;
}

/** The figure's layout in the colours of Streamlit's theme, as it is now. */
function themed(s, layout) {
  const css = getComputedStyle(s.parent), of = (name, other) => css.getPropertyValue(`--st-${name}`).trim() || other;
  const colour = of('text-color', '#31333f'), faint = 'rgba(128, 128, 128, 0.22)', font = { family: of('font', 'sans-serif'), color: colour, size: 12 };
  const axis = { gridcolor: faint, zerolinecolor: faint, linecolor: faint, automargin: true };
  return { ...layout, font, autosize: true, width: undefined, uirevision: 1, paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)',
    title: { font: { size: 14 }, x: 0, xref: 'container', ...layout.title }, hoverlabel: { font: { family: font.family } },
    xaxis: { ...axis, ...layout.xaxis }, yaxis: { ...axis, ...layout.yaxis }, dragmode: matchMedia('(pointer: coarse)').matches ? false : 'zoom' };
}
