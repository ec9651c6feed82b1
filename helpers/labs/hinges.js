// Lab 5: a curve to be fitted with ReLU hinges, placed by hand.

const MOST = 8; // hinges
const HIGHEST = 1000;
const SPAN = [-3, 3];
const BENDS = [-3, 2.5];
const SUM_SHOWN = [-2.2, 3.6];
const UNITS_SHOWN = [-5, 5];
const RAIL = -4.4; // where the handles of the bends stand, above the numbers of the axis
// In the middle of 120 equal parts of the span: no jump of the staircase falls on one.
const INPUTS = Float64Array.from({ length: 120 }, (_, i) => -3 + (i + 0.5) / 20);

const TARGETS = {
  sine: { f: (x) => 1.5 * Math.sin(1.5 * x), word: "sine", jumps: [] },
  absolute: { f: Math.abs, word: "absolute value", jumps: [] },
  bump: { f: (x) => 2.5 * Math.exp(-x * x), word: "bump", jumps: [] },
  staircase: { f: (x) => (x > -1) + (x > 1), word: "staircase", jumps: [-1, 1] },
};

// The network that the hinges are: one input, a unit for each, one output.
function network_of({ hinges, offset }, slope) {
  const count = hinges.length;
  const f = slope ? activation("leaky_relu", slope) : activation("relu");
  return [
    {
      fan_in: 1,
      fan_out: count,
      w: new Float64Array(count).fill(1),
      b: Float64Array.from(hinges, ([bend]) => -bend),
      activation: f,
    },
    {
      fan_in: count,
      fan_out: 1,
      w: Float64Array.from(hinges, ([, height]) => height),
      b: Float64Array.of(offset),
      activation: activation("identity"),
    },
  ];
}

const sum_at = (state, slope, inputs) =>
  forward(network_of(state, slope), Float64Array.from(inputs), inputs.length);

// Heights and offset with the smallest squared error at the present bends, by the normal equations:
// the columns are 1 and each unit's answers, and Cholesky's method solves for what is to stand
// before each. A column that the others can already make gets 0.
function best_heights({ hinges, target }, slope) {
  const unit = slope ? activation("leaky_relu", slope).value : activation("relu").value;
  const columns = [() => 1, ...hinges.map(([bend]) => (x) => unit(x - bend))];
  const rows = columns.map((column) => INPUTS.map(column));
  const wanted = INPUTS.map(TARGETS[target].f);
  const product = (one, other) => one.reduce((sum, value, i) => sum + value * other[i], 0);
  const size = rows.length;
  const lower = rows.map(() => new Float64Array(size));
  const used = new Array(size).fill(true);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const whole = product(rows[i], rows[j]);
      let left = whole;
      for (let k = 0; k < j; k++) left -= lower[i][k] * lower[j][k];
      if (i !== j) lower[i][j] = used[j] ? left / lower[j][j] : 0;
      else {
        used[i] = left > 1e-11 * whole;
        lower[i][i] = used[i] ? Math.sqrt(left) : 1;
      }
    }
    if (!used[i]) lower[i].fill(0, 0, i);
  }
  const answer = rows.map((row, i) => (used[i] ? product(row, wanted) : 0));
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) answer[i] -= lower[i][k] * answer[k];
    answer[i] /= lower[i][i];
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) answer[i] -= lower[k][i] * answer[k];
    answer[i] /= lower[i][i];
  }
  return { offset: answer[0], heights: answer.slice(1) };
}

function render({ model, el }) {
  const lab = make_lab({ model, el }, { title: "Fit with hinges", draw });
  const sums = add_plot(lab, {
    label: "The target curve and the sum of the hinges",
    x: SPAN,
    y: SUM_SHOWN,
    x_label: "",
    title: "the sum of all hinges",
    ratio: 0.42,
    narrow_ratio: 0.66,
  });
  const alone = add_plot(lab, {
    label: "Each hinge alone",
    x: SPAN,
    y: UNITS_SHOWN,
    x_label: "x",
    title: "each hinge alone: drag its dots",
    ratio: 0.4,
    narrow_ratio: 0.75,
  });
  const misses = sums.line({ class: "lab-area lab-pale-vermilion" });
  const guides = [sums, alone].map((plot) =>
    plot.line({ class: "lab-line lab-thin lab-grey", "stroke-dasharray": "2 4" }),
  );
  const wanted = sums.line({ class: "lab-line lab-grey", "stroke-dasharray": "7 4" });
  const before = sums.line({ class: "lab-line lab-thin lab-blue", "stroke-dasharray": "2 3" });
  const sum = sums.line({});
  const corners = sums.inside.appendChild(svg("g"));
  const names = sums.above.appendChild(svg("g"));
  const numbers = alone.above.appendChild(svg("g"));

  const start = add_handle(lab, sums, {
    label: "offset: height of the sum at the left",
    step: [0, 0.1],
    move(_, y) {
      const now = state();
      const there = sum_at(now, now.slope, [SPAN[0]])[0] - now.offset;
      lab.set({ offset: clamp(round(y - there), -HIGHEST, HIGHEST) });
    },
  });
  // Eight of each, of which as many are shown as there are hinges.
  let chosen = Infinity; // the hinge touched last, which the button takes away
  const all = Array.from({ length: MOST }, (_, k) => {
    const line = alone.line({ class: "lab-line" });
    const height = add_handle(lab, alone, {
      label: `height of hinge ${k + 1}`,
      ink: "blue",
      step: [0, 0.1],
      move: (_, y) => pull(k, y),
    });
    const bend = add_handle(lab, alone, {
      label: `bend of hinge ${k + 1}`,
      step: [0.05, 0],
      move: (x) => change(k, { bend: clamp(Math.round(x * 20) / 20, ...BENDS) }),
    });
    for (const { group } of [height, bend]) {
      group.addEventListener("focus", () => {
        chosen = k;
        lab.request();
      });
    }
    return { line, height, bend };
  });

  const shown = Object.entries(TARGETS).map(([name, { word }]) => [name, word]);
  add_choice(lab, { key: "target", label: "target", options: shown });
  add_slider(lab, { key: "slope", label: "leak (slope)", min: 0, max: 1, step: 0.01 });
  const [add, remove, best] = add_buttons(lab, [
    { label: "Add a hinge", press: add_hinge },
    { label: "Remove hinge", press: remove_hinge },
    { label: "Best heights", press: set_best, title: "The smallest error at the present bends" },
  ]);

  const round = (value) => Number(value.toFixed(3));
  const run_of = (bend) => Math.min(1, SPAN[1] - bend); // how far right of its bend a handle stands
  const state = () =>
    Object.fromEntries(["hinges", "target", "offset", "slope"].map((key) => [key, lab.get(key)]));

  function change(k, { bend, height }) {
    const hinges = lab.get("hinges").map((hinge, i) => {
      if (i !== k) return hinge;
      return [bend ?? hinge[0], clamp(height ?? hinge[1], -HIGHEST, HIGHEST)];
    });
    lab.set({ hinges });
  }

  function pull(k, y) {
    const [bend, height] = lab.get("hinges")[k];
    const run = run_of(bend);
    // What is higher than the plot stays there until it is pulled back.
    const beyond = Math.abs(y) >= UNITS_SHOWN[1] && height * Math.sign(y) * run > UNITS_SHOWN[1];
    if (!beyond) change(k, { height: round(y / run) });
  }

  // A new one stands in the middle of the widest gap, and changes nothing until it is pulled.
  function add_hinge() {
    const hinges = lab.get("hinges");
    if (hinges.length === MOST) return;
    const ends = [SPAN[0], ...hinges.map(([bend]) => bend), SPAN[1]].sort((a, b) => a - b);
    const gaps = ends.slice(1).map((end, i) => end - ends[i]);
    const widest = gaps.indexOf(Math.max(...gaps));
    const middle = Math.round((ends[widest] + ends[widest + 1]) * 10) / 20;
    chosen = hinges.length;
    lab.set({ hinges: [...hinges, [clamp(middle, ...BENDS), 0]] });
  }

  function remove_hinge() {
    const hinges = lab.get("hinges");
    const gone = Math.min(chosen, hinges.length - 1);
    chosen = Infinity;
    lab.set({ hinges: hinges.filter((_, k) => k !== gone) });
  }

  function set_best() {
    const now = state();
    const { offset, heights } = best_heights(now, now.slope);
    lab.set({
      offset: clamp(offset, -HIGHEST, HIGHEST),
      hinges: now.hinges.map(([bend], k) => [bend, clamp(heights[k], -HIGHEST, HIGHEST)]),
    });
  }

  // Corners of the sum: its ends, and every bend between them.
  function corners_of({ hinges }) {
    const inner = hinges.map(([bend]) => bend).filter((bend) => bend > SPAN[0]);
    return [SPAN[0], ...inner.sort((one, other) => one - other), SPAN[1]];
  }

  const zip = (along, up) => Array.from(along, (x, i) => [x, up[i]]);

  function draw() {
    const now = state();
    const { hinges, slope } = now;
    const { f, jumps } = TARGETS[now.target];
    const ink = slope ? "vermilion" : "blue";
    const bends = hinges.map(([bend]) => bend);

    const along = linspace(...SPAN, 121).filter((x) => !jumps.includes(x));
    const sides = jumps.flatMap((x) => [x - 1e-9, x + 1e-9]);
    const fine = [...along, ...sides].sort((one, other) => one - other);
    const target = zip(fine, fine.map(f));
    const at = corners_of(now);
    const there = zip(at, sum_at(now, slope, at));
    wanted.setAttribute("d", sums.path(target));
    set_attributes(sum, { class: `lab-line lab-${ink}`, d: sums.path(there) });
    misses.setAttribute("d", `${sums.path([...target, ...there.slice().reverse()])}Z`);
    before.setAttribute("d", slope ? sums.path(zip(at, sum_at(now, 0, at))) : "M0,0");
    corners.replaceChildren(
      ...there.slice(1, -1).map(([x, y]) =>
        svg("circle", { class: `lab-dot lab-${ink}`, cx: sums.px(x), cy: sums.py(y), r: 5 }),
      ),
    );
    guides.forEach((guide, i) => {
      const plot = [sums, alone][i];
      const lines = bends.map((x) => plot.path([[x, plot.y[0]], [x, plot.y[1]]]));
      guide.setAttribute("d", lines.join("") || "M0,0");
    });
    const left = there[0][1];
    start.place(SPAN[0], clamp(left, ...SUM_SHOWN), `offset ${fixed(now.offset)}`);
    draw_names(now, left);
    draw_hinges(now, ink);

    const gone = Math.min(chosen, hinges.length - 1) + 1;
    remove.textContent = gone ? `Remove hinge ${gone}` : "Remove hinge";
    remove.disabled = !gone;
    add.disabled = hinges.length === MOST;
    best.disabled = !gone;
    lab.say(told(now));
  }

  function draw_names({ target, slope, hinges, offset }, left) {
    const x = sums.px(SPAN[1]) - 8;
    const end = sum_at({ hinges, offset }, slope, [SPAN[1]])[0];
    const height = (y) => sums.py(clamp(y, ...SUM_SHOWN)) - 8;
    const { f, word } = TARGETS[target];
    const labels = [
      { x, y: height(f(SPAN[1])), text: `target: ${word}`, ink: "grey" },
      { x, y: height(end), text: "your sum", ink: slope ? "vermilion" : "blue" },
    ];
    if (slope) {
      const without = sum_at({ hinges, offset }, 0, [SPAN[1]])[0];
      labels.push({ x, y: height(without), text: "without the leak", ink: "blue" });
    }
    place_labels(sums, names, labels);
    const y = sums.py(clamp(left, ...SUM_SHOWN)) - 12;
    const text = { class: "lab-label lab-ink", x: sums.px(SPAN[0]) + 12, y: Math.max(y, 42) };
    names.append(svg("text", text, "start"));
  }

  function draw_hinges({ hinges, slope }, ink) {
    const words = [];
    all.forEach(({ line, height, bend }, k) => {
      const hinge = hinges[k];
      for (const { group } of [height, bend]) group.style.display = hinge ? "" : "none";
      if (!hinge) {
        line.setAttribute("d", "M0,0");
        return;
      }
      const [at, steep] = hinge;
      const left = [SPAN[0], slope * steep * (SPAN[0] - at)];
      const ends = [left, [at, 0], [SPAN[1], steep * (SPAN[1] - at)]];
      set_attributes(line, { class: `lab-line lab-${ink}`, d: alone.path(ends) });
      height.group.setAttribute("class", `lab-handle lab-${ink}`);
      const run = run_of(at);
      const up = clamp(steep * run, ...UNITS_SHOWN);
      height.place(at + run, up, `hinge ${k + 1}, height ${fixed(steep)}`);
      bend.place(at, RAIL, `hinge ${k + 1} bends at ${fixed(at)}`);
      const label = (x, y, text) =>
        svg("text", { class: "lab-label lab-ink", x, y, "text-anchor": "middle" }, text);
      words.push(label(alone.px(at), alone.py(RAIL) - 13, String(k + 1)));
      const over = up > 3.8 ? 26 : -13;
      const short = alone.width < NARROW && k !== chosen; // there is no room for all values
      const text = short ? String(k + 1) : `${k + 1}: ${fixed(steep, 1)}`;
      const x = Math.min(alone.px(at + run), alone.width - MARGIN.right - 4.5 * text.length);
      words.push(label(x, alone.py(up) + over, text));
    });
    numbers.replaceChildren(...words);
  }

  function told(now) {
    const { hinges, slope, target } = now;
    const goal = INPUTS.map(TARGETS[target].f);
    const error = (leak) => fixed(mean_squared_error(sum_at(now, leak, INPUTS), goal).loss, 3);
    const noun = hinges.length === 1 ? "hinge" : "hinges";
    const kind = slope ? `leaky ${noun}, slope ${fixed(slope)},` : `ReLU ${noun}`;
    const first = `${hinges.length} ${kind} against the ${TARGETS[target].word}`;
    const without = slope ? `, and ${error(0)} without the leak.` : ".";
    const straight = slope === 1 ? " At slope 1 nothing bends." : "";
    return `${first}: mean squared error ${error(slope)}${without}${straight}`;
  }

  return lab.dispose;
}

export default { render };
