// What labs are drawn with: plots, sliders, handles, and the behaviour that all of them share.
//
// A lab calls make_lab(), adds controls and plots once, and gives draw(), which brings all of it up
// to date with the state in the model. draw() runs at most once a frame, after every change, from
// whichever side: a control, the kernel, the window's width, the theme.

// --- elements ------------------------------------------------------------------------------------

function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(target, attributes, children) {
  set_attributes(target, attributes);
  target.append(...children);
  return target;
}

// A value of null or false takes the attribute away.
function set_attributes(target, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) target.removeAttribute(name);
    else target.setAttribute(name, value === true ? "" : value);
  }
}

// Every lab of a page runs this file anew, so counting alone would give the same name twice.
const family = Math.random().toString(36).slice(2, 10);
let counter = 0;
const new_id = () => `relu-lab-${family}-${(counter += 1)}`;

// --- numbers and colours -------------------------------------------------------------------------

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const linspace = (from, to, count) =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

// With a real minus, and without one before a zero.
function fixed(value, digits = 2) {
  if (!Number.isFinite(value)) return String(value).replace("-", "−");
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

// Dashes and colours on light ground are those of helpers.plots.style; on dark ground each is a
// lighter one of the same name. Every contrast with the ground is at least 4.5 to 1.
const INKS = {
  blue: ["#0072B2", "#56B4E9"],
  vermilion: ["#BF4B00", "#FF9A52"],
  green: ["#00785A", "#2BC99B"],
  purple: ["#A3497A", "#E58CBC"],
  ochre: ["#8A6100", "#E0B040"],
  ink: ["#1A1A1A", "#F0F0F0"],
  grey: ["#595959", "#B0B0B0"],
};
const DASHES = { "-": null, "--": "7 4", ":": "2 3" };
const STYLES = {
  identity: ["grey", "-"],
  step: ["ink", "-"],
  sigmoid: ["purple", "-"],
  tanh: ["green", "-"],
  relu: ["blue", "-"],
  leaky_relu: ["vermilion", "-"],
  prelu: ["vermilion", "--"],
  rrelu: ["vermilion", ":"],
  elu: ["ochre", "-"],
  celu: ["ochre", "--"],
  selu: ["ochre", ":"],
  softplus: ["purple", "--"],
  gelu: ["green", "--"],
  gelu_tanh: ["green", ":"],
  silu: ["ink", "--"],
  mish: ["ink", ":"],
  hardtanh: ["grey", "--"],
  relu6: ["blue", "--"],
};

// What a line of an activation looks like: a class for its colour, and its dashes.
function line_style(name) {
  const [ink, dashes] = STYLES[name];
  return { class: `lab-line lab-${ink}`, "stroke-dasharray": DASHES[dashes] };
}

// Light or dark: by the ground that the lab really lies on.
function is_dark(target) {
  for (let at = target; at; at = at.parentElement ?? at.getRootNode().host) {
    const found = getComputedStyle(at).backgroundColor.match(/[\d.]+/g)?.map(Number);
    if (found && (found.length < 4 || found[3] > 0.5)) {
      return 0.2126 * found[0] + 0.7152 * found[1] + 0.0722 * found[2] < 110;
    }
  }
  return false;
}

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// --- a lab ---------------------------------------------------------------------------------------

// Where the stage is narrower, plots stand below each other and words below words.
const NARROW = 560;

// `title` names the lab for those who cannot see it; `draw` brings it up to date.
function make_lab({ el, model }, { title, draw }) {
  const stage = element("div", { class: "lab-stage" });
  const controls = element("div", { class: "lab-controls" });
  const words = element("p", { class: "lab-words" });
  const live = element("p", { class: "lab-live", "aria-live": "polite" });
  // No <section>: on a slide of reveal.js that would count as one more slide.
  const root = element(
    "div",
    { class: "relu-lab", role: "group", "aria-label": title },
    stage,
    controls,
    words,
    live,
  );
  const syncs = [];
  let waiting = 0;
  let saving = 0;
  let saying = 0;

  function update() {
    waiting = 0;
    if (!root.isConnected) return;
    const width = Math.max(stage.clientWidth, 240);
    root.dataset.theme = is_dark(root) ? "dark" : "light";
    root.toggleAttribute("data-narrow", width < NARROW);
    for (const sync of syncs) sync(width);
    draw(width);
  }
  function request() {
    if (!waiting) waiting = requestAnimationFrame(update);
  }
  // The state of the model follows at once; the kernel is told at most ten times a second.
  function save() {
    saving = 0;
    model.save_changes();
  }
  function set(changes) {
    for (const [key, value] of Object.entries(changes)) model.set(key, value);
    if (!saving) saving = setTimeout(save, 100);
    request();
  }
  // The read-out changes with every frame; a screen reader is told once it has come to rest.
  function say(text) {
    if (words.textContent === text) return;
    words.textContent = text;
    clearTimeout(saying);
    saying = setTimeout(() => (live.textContent = text), 700);
  }

  // JupyterLab moves between cells, and slides move on, with keys that belong to the lab.
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" && event.key !== "Escape") event.stopPropagation();
  });
  const sizes = new ResizeObserver(request);
  sizes.observe(root);
  const themes = new MutationObserver(request);
  for (const target of [document.documentElement, document.body]) {
    themes.observe(target, { attributes: true });
  }
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", request);
  model.on("change", request);
  el.append(root);
  request();

  function dispose() {
    if (saving) {
      clearTimeout(saving);
      save();
    }
    cancelAnimationFrame(waiting);
    clearTimeout(saying);
    sizes.disconnect();
    themes.disconnect();
    dark.removeEventListener("change", request);
    model.off("change", request);
    root.remove();
  }
  const get = (key) => model.get(key);
  return { root, stage, controls, syncs, get, set, say, request, dispose };
}

// --- controls: native elements, so that keys, touch and screen readers work ----------------------

// `key` is the name in the model. With `log` equal ways along the slider are equal ratios.
function add_slider(lab, { key, label, min, max, step, digits = 2, log = false, say }) {
  const to = log ? Math.log10 : (value) => value;
  const from = log ? (value) => 10 ** value : (value) => value;
  const id = new_id();
  const input = element("input", { id, type: "range", min: to(min), max: to(max), step });
  const output = element("output", { for: id });
  const text = say ?? ((value) => fixed(value, digits));
  input.addEventListener("input", () => {
    const value = from(Number(input.value));
    lab.set({ [key]: Number(log ? value.toPrecision(3) : value.toFixed(10)) });
  });
  lab.controls.append(
    element("div", { class: "lab-control" }, element("label", { for: id }, label), input, output),
  );
  lab.syncs.push(() => {
    const value = lab.get(key);
    if (Number(input.value) !== to(value)) input.value = to(value);
    output.textContent = text(value);
    input.setAttribute("aria-valuetext", text(value));
  });
  return input;
}

// `options` are pairs: the value in the model, and what is shown.
function add_choice(lab, { key, label, options }) {
  const id = new_id();
  const list = options.map(([value, shown]) => element("option", { value }, shown));
  const select = element("select", { id }, ...list);
  select.addEventListener("change", () => {
    lab.set({ [key]: options[select.selectedIndex][0] });
  });
  lab.controls.append(
    element("div", { class: "lab-control" }, element("label", { for: id }, label), select),
  );
  lab.syncs.push(() => {
    select.selectedIndex = options.findIndex(([value]) => value === lab.get(key));
  });
  return select;
}

// Several of a list, as check boxes that can be folded away.
function add_checks(lab, { key, label, options, open = false }) {
  const boxes = options.map(([value, shown]) => {
    const input = element("input", { type: "checkbox", value });
    input.addEventListener("change", () => {
      const chosen = lab.get(key).filter((other) => other !== value);
      lab.set({ [key]: input.checked ? [...chosen, value] : chosen });
    });
    lab.syncs.push(() => (input.checked = lab.get(key).includes(value)));
    return element("label", { class: "lab-check" }, input, " ", shown);
  });
  const all = element("fieldset", {}, element("legend", {}, label), ...boxes);
  lab.controls.append(
    element("details", { class: "lab-checks", open }, element("summary", {}, label), all),
  );
}

function add_toggle(lab, { key, label }) {
  const input = element("input", { type: "checkbox" });
  input.addEventListener("change", () => lab.set({ [key]: input.checked }));
  lab.controls.append(element("label", { class: "lab-check" }, input, " ", label));
  lab.syncs.push(() => (input.checked = lab.get(key)));
  return input;
}

// Buttons that stand together in a row. `press` is called; set textContent to rename one.
function add_buttons(lab, buttons) {
  const made = buttons.map(({ label, press, title = null }) => {
    const button = element("button", { type: "button", title }, label);
    button.addEventListener("click", press);
    return button;
  });
  lab.controls.append(element("div", { class: "lab-buttons" }, ...made));
  return made;
}

// --- plots ---------------------------------------------------------------------------------------

const MARGIN = { left: 46, right: 14, top: 26, bottom: 40 };

// Axes with ticks; `x` and `y` are the two ends of each axis. `share` is the part of the stage's
// width that it takes where there is room for two, `ratio` its height by its width (`narrow_ratio`
// where there is not). Data units become pixels by px(), py() and at(), and a list of points a path
// by path().
function add_plot(lab, options) {
  const { label, x, y, x_label, y_label, title = "" } = options;
  const { share = 1, ratio = 0.7, narrow_ratio = ratio } = options;
  const clip = new_id();
  const box = svg("rect", { class: "lab-box" });
  const window_ = svg("rect");
  const axes = svg("g", { class: "lab-axes", "aria-hidden": "true" });
  const inside = svg("g", { "clip-path": `url(#${clip})` });
  const above = svg("g");
  const picture = svg(
    "svg",
    { class: "lab-plot", role: "group", "aria-label": label },
    svg("defs", {}, svg("clipPath", { id: clip }, window_)),
    box,
    axes,
    inside,
    above,
  );
  lab.stage.append(picture);
  const plot = { picture, inside, above, x, y, width: 0, height: 0 };
  const left = () => MARGIN.left;
  const right = () => plot.width - MARGIN.right;
  const top = () => MARGIN.top;
  const bottom = () => plot.height - MARGIN.bottom;
  plot.px = (value) => left() + ((value - x[0]) / (x[1] - x[0])) * (right() - left());
  plot.py = (value) => bottom() - ((value - y[0]) / (y[1] - y[0])) * (bottom() - top());
  plot.at = (a, b) => `${plot.px(a).toFixed(2)},${plot.py(b).toFixed(2)}`;
  plot.path = (points) => {
    let text = "";
    let pen = "M";
    for (const [a, b] of points) {
      if (Number.isFinite(b)) text += pen + plot.at(a, b);
      pen = Number.isFinite(b) ? "L" : "M"; // a gap where there is no number
    }
    return text || "M0,0";
  };
  // From the screen back to the data. A slide may be shown larger or smaller than it was laid out.
  plot.data = (event) => {
    const frame = picture.getBoundingClientRect();
    const across = ((event.clientX - frame.left) * plot.width) / frame.width;
    const down = ((event.clientY - frame.top) * plot.height) / frame.height;
    const along = (across - left()) / (right() - left());
    const up = (bottom() - down) / (bottom() - top());
    return [x[0] + along * (x[1] - x[0]), y[0] + up * (y[1] - y[0])];
  };
  plot.line = (attributes) => {
    const path = svg("path", { class: "lab-line", ...attributes });
    inside.append(path);
    return path;
  };

  function layout() {
    set_attributes(picture, { width: plot.width, height: plot.height });
    picture.setAttribute("viewBox", `0 0 ${plot.width} ${plot.height}`);
    const frame = { x: left(), y: top(), width: right() - left(), height: bottom() - top() };
    set_attributes(box, frame);
    set_attributes(window_, frame);
    const marks = [];
    for (const value of ticks(x, (right() - left()) / 60)) {
      const at = plot.px(value);
      const zero = value === 0 ? "lab-zero" : "lab-grid";
      marks.push(svg("line", { class: zero, x1: at, x2: at, y1: top(), y2: bottom() }));
      const text = { class: "lab-tick", x: at, y: bottom() + 16, "text-anchor": "middle" };
      marks.push(svg("text", text, tick_text(value)));
    }
    for (const value of ticks(y, (bottom() - top()) / 40)) {
      const at = plot.py(value);
      const zero = value === 0 ? "lab-zero" : "lab-grid";
      marks.push(svg("line", { class: zero, x1: left(), x2: right(), y1: at, y2: at }));
      const text = { class: "lab-tick", x: left() - 6, y: at + 4, "text-anchor": "end" };
      marks.push(svg("text", text, tick_text(value)));
    }
    const middle = (left() + right()) / 2;
    const name = { class: "lab-name", x: middle, y: plot.height - 6, "text-anchor": "middle" };
    marks.push(svg("text", name, x_label));
    marks.push(svg("text", { class: "lab-title", x: left(), y: 17 }, title || y_label));
    axes.replaceChildren(...marks);
  }
  lab.syncs.push((stage) => {
    const width = Math.floor(stage < NARROW ? stage : stage * share);
    if (width === plot.width) return;
    plot.width = width;
    plot.height = Math.round(width * (stage < NARROW ? narrow_ratio : ratio));
    layout();
  });
  // Other ends of the axes, from here on.
  plot.rescale = (new_x, new_y) => {
    if ([...x, ...y].join() === [...new_x, ...new_y].join()) return;
    [[x[0], x[1]], [y[0], y[1]]] = [new_x, new_y];
    if (plot.width) layout();
  };
  return plot;
}

// Round numbers, so many at most, between the ends.
function ticks([low, high], most) {
  const raw = (high - low) / Math.max(most, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= raw);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

const tick_text = (value) => String(value).replace("-", "−");

// A point that can be taken hold of: with the pointer, a finger, or the arrow keys. `move(x, y)`
// gets where it should go, in data units; `step` is how far an arrow key moves it along x and y,
// 0 where it cannot go. Call place(x, y, text) in draw().
function add_handle(lab, plot, { label, move, step, ink = "ink" }) {
  const group = svg(
    "g",
    { class: `lab-handle lab-${ink}`, tabindex: 0, role: "slider", "aria-label": label },
    svg("circle", { class: "lab-reach", r: 22 }),
    svg("circle", { class: "lab-knob", r: 8 }),
  );
  plot.above.append(group);
  let now = [0, 0];
  let held = null;
  group.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const [x, y] = plot.data(event);
    held = [now[0] - x, now[1] - y]; // it does not jump to the pointer
    group.setPointerCapture(event.pointerId);
    group.focus({ preventScroll: true });
    event.preventDefault();
  });
  group.addEventListener("pointermove", (event) => {
    if (held === null) return;
    const [x, y] = plot.data(event);
    go(x + held[0], y + held[1]);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    group.addEventListener(end, () => (held = null));
  }
  group.addEventListener("keydown", (event) => {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
    let way = ways[event.key];
    if (!way) return;
    // Where it can go one way only, both pairs of arrows move it.
    if (!step[0]) way = [0, way[1] || way[0]];
    if (!step[1]) way = [way[0] || way[1], 0];
    const times = event.shiftKey ? 10 : 1;
    go(now[0] + way[0] * step[0] * times, now[1] + way[1] * step[1] * times);
    event.preventDefault();
  });
  function go(x, y) {
    // At once, and not with the next frame: a second key may come before it.
    now = [step[0] ? clamp(x, ...plot.x) : now[0], step[1] ? clamp(y, ...plot.y) : now[1]];
    move(...now);
  }
  function place(x, y, text) {
    now = [x, y];
    const at = `translate(${plot.px(x).toFixed(2)},${plot.py(y).toFixed(2)})`;
    const way = step[0] ? 0 : 1;
    const [low, high] = way ? plot.y : plot.x;
    set_attributes(group, {
      transform: at,
      "aria-valuemin": low,
      "aria-valuemax": high,
      "aria-valuenow": Number(now[way].toFixed(4)),
      "aria-valuetext": text,
    });
  }
  return { group, place };
}

// Words beside a line, moved up or down until none covers another.
function place_labels(plot, group, labels, gap = 17) {
  const sorted = labels.slice().sort((one, other) => one.y - other.y);
  const highest = plot.height - MARGIN.bottom - 4;
  let last = MARGIN.top + 12 - gap;
  for (const label of sorted) last = label.y = Math.max(label.y, last + gap);
  let next = highest + gap;
  for (const label of sorted.reverse()) next = label.y = Math.min(label.y, next - gap);
  group.replaceChildren(
    ...labels.map(({ x, y, text, ink, anchor = "end" }) =>
      svg("text", { class: `lab-label lab-${ink}`, x, y, "text-anchor": anchor }, text),
    ),
  );
}
