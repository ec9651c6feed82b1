// Lab 4: 2,000 random ReLU networks of a width and a depth, and how many of them are born dead.
//
// They are the networks of helpers.born_dead.layer_of_death, random number for random number. What
// a layer did is kept, and a deeper network only continues, so depth costs nothing once drawn.

const NETWORKS = 2000;
const COLUMNS = 50;
const ROWS = NETWORKS / COLUMNS;
// Up to here 2,000 networks of 10 layers are drawn in half a second; wider ones hardly ever die.
const MOST_WIDTH = 10;
const MOST_LAYERS = 30;
const [ALIVE, DEAD, FRESH, NOTHING] = [0, 1, 2, 3]; // marks of the field

// --- numbers -------------------------------------------------------------------------------------

// As helpers.born_dead.bounds: the two bounds of Lu et al. (2020), for biases of 0.
function death_bounds(width, layers) {
  const half = 2 ** -width;
  const one_less = 2 ** (1 - width);
  const stays_one = 1 - half;
  const stays_both = 1 - one_less - (width - 1) * 4 ** -width;
  const weight = ((1 - one_less) * (1 - half)) / (1 + (width - 1) * half);
  const steps = layers - 2;
  const lower = 1 - stays_one ** steps + weight * (stays_both ** steps - stays_one ** steps);
  return [lower, 1 - stays_one ** steps];
}

// As helpers.stats.wilson: the 95 % interval of a share.
function wilson(successes, n) {
  const z = 1.959963984540054;
  const share = successes / n;
  const middle = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const way =
    (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  // At the ends it is exact, where rounding would leave a speck.
  return [successes === 0 ? 0 : middle - way, successes === n ? 1 : middle + way];
}

// A share in per cent: to one decimal, near 0 and near 100 to two. Halves go up, as in Python.
function percent(share) {
  const digits = Math.min(share, 1 - share) < 0.01 ? 2 : 1;
  const parts = 10 ** digits;
  return fixed(Math.floor(100 * parts * share + 0.5 + 1e-9) / parts, digits);
}

const thousands = (count) => count.toLocaleString("en-US");

// As helpers.born_dead.layer_of_death, a little further with every call of more(). `hidden` layers
// are done; `first` has the layer in which each network died, or 0; `dead` counts the dead after
// so many hidden layers.
function draw_networks(width, seed) {
  const drawn = { hidden: 0, first: new Uint8Array(NETWORKS), dead: [0] };

  function* layers() {
    const random = numpy_random([seed, 0]);
    // Two inputs settle the matter where biases are 0: what a unit does at 1, it does at all above.
    let inputs = [-1, 1].map((x) => new Float64Array(NETWORKS).fill(x));
    let fan_in = 1;
    while (drawn.hidden < MOST_LAYERS - 1) {
      const deviation = Math.sqrt(2 / fan_in);
      const [low, high] = inputs;
      const outputs = inputs.map(() => new Float64Array(NETWORKS * width));
      const [z_low, z_high] = outputs;
      // NumPy draws the weights of all networks as one wide layer: rows are inputs of units.
      for (let i = 0; i < fan_in; i++) {
        for (let n = 0; n < NETWORKS; n++) {
          const a_low = low[n * fan_in + i];
          const a_high = high[n * fan_in + i];
          for (let j = n * width; j < (n + 1) * width; j++) {
            const w = random.normal(0, deviation);
            z_low[j] += a_low * w;
            z_high[j] += a_high * w;
          }
          if (n % 100 === 99) yield;
        }
      }
      close_layer(z_low, z_high);
      inputs = outputs;
      fan_in = width;
      yield;
    }
  }

  // ReLU, and a look at who has the same activations for both inputs.
  function close_layer(low, high) {
    drawn.hidden += 1;
    let dead = drawn.dead[drawn.hidden - 1];
    for (let n = 0; n < NETWORKS; n++) {
      let constant = true;
      for (let j = n * width; j < (n + 1) * width; j++) {
        low[j] = Math.max(low[j], 0);
        high[j] = Math.max(high[j], 0);
        if (low[j] !== high[j]) constant = false;
      }
      if (constant && drawn.first[n] === 0) {
        drawn.first[n] = drawn.hidden;
        dead += 1;
      }
    }
    drawn.dead.push(dead);
  }

  const steps = layers();
  drawn.more = () => steps.next();
  return drawn;
}

// --- the lab -------------------------------------------------------------------------------------

function render({ model, el }) {
  const lab = make_lab({ model, el }, { title: "Born dead", draw });
  const field = add_field(lab);
  const plot = add_plot(lab, {
    label: "Share of networks born dead, by number of layers",
    title: "born dead, % (drag the point)",
    x_label: "layers, the output layer among them",
    x: [2, MOST_LAYERS],
    y: [0, 100],
    share: 0.5,
    ratio: 0.9,
  });
  const band = plot.line({ class: "lab-band" });
  const edges = [0, 1].map(() => plot.line({ class: "lab-line lab-thin lab-blue" }));
  const intervals = plot.line({ "stroke-width": 2 });
  const dots = svg("path", { class: "lab-dot lab-ink" });
  const words = svg("g");
  plot.above.append(dots, words);
  const depth = add_handle(lab, plot, {
    label: "layers",
    ink: "vermilion",
    step: [1, 0],
    move: (x) => lab.set({ layers: Math.round(x) }),
  });
  const whole = (value) => String(value);
  const about = { min: 1, max: MOST_WIDTH, step: 1, say: whole };
  add_slider(lab, { ...about, key: "width", label: "width" });
  const deep = { min: 2, max: MOST_LAYERS, step: 1, say: whole };
  add_slider(lab, { ...deep, key: "layers", label: "layers" });
  const [others] = add_buttons(lab, [
    {
      label: "Draw 2,000 others",
      title: "with the next seed",
      press: () => lab.set({ seed: lab.get("seed") + 1 }),
    },
  ]);
  const seed_words_ = element("span", { class: "lab-check" });
  others.after(seed_words_);

  // Networks are drawn in slices between frames, first as deep as is asked, then to the end.
  const kept = new Map();
  let timer = 0;
  function networks() {
    const key = `${lab.get("width")} ${lab.get("seed")}`;
    if (!kept.has(key)) {
      if (kept.size >= 40) kept.delete(kept.keys().next().value);
      kept.set(key, draw_networks(lab.get("width"), lab.get("seed")));
    }
    return kept.get(key);
  }
  function work() {
    const drawn = networks();
    const wanted = lab.get("layers") - 1;
    const before = drawn.hidden;
    const stop = performance.now() + (before < wanted ? 8 : 4);
    while (performance.now() < stop && drawn.hidden < MOST_LAYERS - 1) drawn.more();
    if (before < wanted && drawn.hidden > before) lab.request();
    timer = 0;
    go_on(drawn, drawn.hidden < wanted ? 0 : 12);
  }
  function go_on(drawn, wait) {
    if (!timer && drawn.hidden < MOST_LAYERS - 1) timer = setTimeout(work, wait);
  }

  function draw(stage) {
    const width = lab.get("width");
    const layers = lab.get("layers");
    const drawn = networks();
    const hidden = Math.min(layers - 1, drawn.hidden);
    const dead = drawn.dead[hidden];
    field.show(stage, drawn, hidden);
    draw_theory(width);
    draw_measured(drawn, hidden);

    const [lower, upper] = death_bounds(width, layers);
    const done = hidden === layers - 1;
    const share = dead / NETWORKS;
    const height = 100 * (done ? share : (lower + upper) / 2);
    const reading = done ? `${percent(share)} %` : "";
    depth.place(layers, height, `${layers} layers${done ? `: ${reading} born dead` : ""}`);
    words.replaceChildren(...labels(width, layers, height, reading));
    seed_words_.textContent = `seed ${lab.get("seed")}`;
    others.disabled = lab.get("seed") >= 9999;
    if (done) {
      const [low, high] = wilson(dead, NETWORKS);
      lab.say(
        `Of 2,000 networks of width ${width} with ${layers} layers, ${thousands(dead)} ` +
          `${dead === 1 ? "is" : "are"} born dead: ${percent(share)} %, interval ` +
          `${percent(low)} to ${percent(high)}; the bounds say ${percent(lower)} to ` +
          `${percent(upper)} %.`,
      );
    } else {
      lab.say(
        `Drawing 2,000 networks of width ${width}: ${hidden} of ${layers - 1} hidden layers ` +
          "so far.",
      );
    }
    go_on(drawn, 0);
  }

  // The band between the bounds, at every depth.
  function draw_theory(width) {
    const along = linspace(2, MOST_LAYERS, MOST_LAYERS - 1);
    const sides = [0, 1].map((k) => along.map((at) => [at, 100 * death_bounds(width, at)[k]]));
    edges.forEach((edge, k) => edge.setAttribute("d", plot.path(sides[k])));
    band.setAttribute("d", `${plot.path([...sides[0], ...sides[1].reverse()])}Z`);
  }

  // What was drawn, up to the chosen depth: a dot and its interval for each.
  function draw_measured(drawn, hidden) {
    let bars = "";
    let marks = "";
    for (let done = 1; done <= hidden; done++) {
      const [low, high] = wilson(drawn.dead[done], NETWORKS);
      bars += `M${plot.at(done + 1, 100 * low)}L${plot.at(done + 1, 100 * high)}`;
      const [x, y] = [plot.px(done + 1) - 3, plot.py((100 * drawn.dead[done]) / NETWORKS)];
      marks += `M${x.toFixed(1)},${y.toFixed(1)}a3,3 0 1,0 6,0a3,3 0 1,0 -6,0`;
    }
    intervals.setAttribute("d", bars || "M0,0");
    dots.setAttribute("d", marks || "M0,0");
  }

  // Curves rise to the right: there is room above their end, or below them to the right.
  function labels(width, layers, height, reading) {
    const [x, y, right] = [plot.px(layers), plot.py(height), plot.px(MOST_LAYERS)];
    const bound = (k, at) => plot.py(100 * death_bounds(width, clamp(at, 2, MOST_LAYERS))[k]);
    const flat = bound(0, 12) > plot.py(14);
    let read = { x: x + 12, y: y + 26, "text-anchor": "start" };
    if (x > right - 80) {
      const above = bound(1, layers) - 12;
      const fits = above > plot.py(92);
      read = { x: x + 6, y: fits ? above : bound(0, layers - 9) + 24, "text-anchor": "end" };
    } else if (height < 14) {
      read = flat ? { x: x - 6, y: y - 18 } : { x: x + 15, y: y - 6 };
    }
    const theory = { x: right - 6, y: flat ? bound(1, MOST_LAYERS) - 34 : plot.py(6) };
    const look = { class: "lab-label lab-blue", "text-anchor": "end" };
    return [
      svg("text", { class: "lab-label lab-reading", ...read }, reading),
      svg("text", { ...look, ...theory }, "band: bounds of theory"),
    ];
  }

  return () => {
    clearTimeout(timer);
    timer = -1; // no more
    lab.dispose();
  };
}

// All networks in rows, each a dot; the dead are crosses, and those of the last layer bold ones.
function add_field(lab) {
  const head = element("p", { class: "lab-field-head" });
  const canvas = element("canvas", { role: "img" });
  lab.stage.append(element("div", { class: "lab-field" }, head, canvas));
  const pen = canvas.getContext("2d");
  const key = (mark, ink, text) => [
    element("span", { class: `lab-${ink}`, "aria-hidden": "true" }, mark),
    ` ${text} `,
  ];
  let last = "";
  let ground = "";
  const marks = new Uint8Array(NETWORKS).fill(NOTHING); // what stands in each cell

  function show(stage, drawn, hidden) {
    const dead = drawn.dead[hidden];
    const fresh = hidden ? dead - drawn.dead[hidden - 1] : 0;
    const theme = lab.root.dataset.theme;
    const dense = devicePixelRatio || 1;
    const wide = Math.floor(stage < NARROW ? stage : stage * 0.5 - 14);
    const now = [lab.get("width"), lab.get("seed"), hidden, theme, dense, wide].join(" ");
    if (now === last) return;
    last = now;
    const alive = thousands(NETWORKS - dead);
    head.replaceChildren(
      ...key("●", "blue", `${alive} alive`),
      ...key("×", "grey", `${thousands(dead)} born dead`),
      element("br"),
      ...key("✖", "vermilion", `${thousands(fresh)} of them in the last hidden layer`),
    );
    canvas.setAttribute(
      "aria-label",
      `2,000 networks: ${alive} dots, alive; ${thousands(dead)} crosses, born dead`,
    );

    const below = [theme, dense, wide].join(" ");
    if (below !== ground) {
      ground = below;
      set_attributes(canvas, {
        style: `width: ${wide}px`,
        width: Math.round(wide * dense),
        height: Math.round((wide * dense * ROWS) / COLUMNS),
      });
      marks.fill(NOTHING);
    }
    draw_marks(drawn, hidden, dense, (name) => INKS[name][theme === "dark" ? 1 : 0]);
  }

  // Only what changed: a layer more kills few, and a finger on the handle waits for no field.
  function draw_marks(drawn, hidden, dense, ink) {
    const cell = canvas.width / COLUMNS;
    const paths = [new Path2D(), new Path2D(), new Path2D()];
    const [radius, arm] = [cell * 0.36, cell * 0.3];
    for (let n = 0; n < NETWORKS; n++) {
      const died = drawn.first[n];
      const mark = died === 0 || died > hidden ? ALIVE : died === hidden ? FRESH : DEAD;
      if (mark === marks[n]) continue;
      const [column, row] = [n % COLUMNS, Math.floor(n / COLUMNS)];
      const [x, y] = [(column + 0.5) * cell, (row + 0.5) * cell];
      if (marks[n] !== NOTHING) {
        // To whole dots of the screen, so that no rim is left.
        const [left, top] = [Math.round(column * cell), Math.round(row * cell)];
        const right = Math.round((column + 1) * cell);
        pen.clearRect(left, top, right - left, Math.round((row + 1) * cell) - top);
      }
      marks[n] = mark;
      const path = paths[mark];
      if (mark === ALIVE) {
        path.moveTo(x + radius, y);
        path.arc(x, y, radius, 0, 2 * Math.PI);
      } else {
        path.moveTo(x - arm, y - arm);
        path.lineTo(x + arm, y + arm);
        path.moveTo(x - arm, y + arm);
        path.lineTo(x + arm, y - arm);
      }
    }
    pen.fillStyle = ink("blue");
    pen.fill(paths[ALIVE]);
    pen.strokeStyle = ink("grey");
    pen.lineWidth = 1.2 * dense;
    pen.stroke(paths[DEAD]);
    pen.strokeStyle = ink("vermilion");
    pen.lineWidth = cell * 0.3;
    pen.stroke(paths[FRESH]);
  }
  return { canvas, show };
}

export default { render };
