// Lab 2: one neuron with two inputs, a line to drag, and the gradient that is left.

const EACH = 6; // points of a cloud
const CENTRES = [[1.2, 0.8], [-1.2, -0.8]];
const SPREAD = 0.45;
const MOST = { w: 3, b: 9 }; // sizes that weights and bias can have here
const PLANE = [-3, 3];
const WEIGHTS = [-3.2, 3.2];
const Z_SHOWN = [-6, 6];
const A_SHOWN = [-1.6, 5];
const RIM = 2.9; // the handle that turns stays on or in this circle, the other in this square
const KEYS = ["w1", "w2", "b"];

const COLUMNS = ["point", "x₁", "x₂", "wanted", "z", "a", "slope there"];

// Squares first, which should get the answer 1, then circles, which should get 0.
function two_clouds(seed) {
  const noise = numpy_random(seed).normals(4 * EACH, SPREAD);
  const x = noise.map((value, i) => CENTRES[Math.floor(i / (2 * EACH))][i % 2] + value);
  const target = Float64Array.from({ length: 2 * EACH }, (_, n) => (n < EACH ? 1 : 0));
  return { x, target, count: 2 * EACH };
}

// The neuron as a network of one unit, after its forward and backward pass.
function one_neuron({ w1, w2, b, activation: name, slope }, data) {
  const f = activation(name, name === "leaky_relu" ? slope : undefined);
  const w = Float64Array.of(w1, w2);
  const layer = { fan_in: 2, fan_out: 1, w, b: Float64Array.of(b), activation: f };
  return learn_from(layer, data);
}

function learn_from(layer, { x, target, count }) {
  layer.a = forward([layer], x, count);
  const { loss, gradient } = mean_squared_error(layer.a, target);
  backward([layer], gradient, count);
  return Object.assign(layer, { loss });
}

const has_gradient = ({ grad_w, grad_b }) => [...grad_w, ...grad_b].some((value) => value !== 0);

// So many steps of gradient descent; fewer where one would lead out of the ranges of the lab.
function steps_ahead(state, data, steps) {
  const layer = one_neuron(state, data);
  const descent = sgd(state.rate);
  const path = [[...layer.w, layer.b[0]]];
  for (let taken = 0; taken < steps; taken++) {
    descent.step([layer]);
    const [w1, w2, b] = [...layer.w, layer.b[0]];
    if (size_of([w1, w2]) > MOST.w || Math.abs(b) > MOST.b) {
      const [before_1, before_2, before_b] = path[path.length - 1];
      layer.w.set([before_1, before_2]);
      layer.b[0] = before_b;
      return { layer: learn_from(layer, data), taken, path };
    }
    path.push([w1, w2, b]);
    learn_from(layer, data);
  }
  return { layer, taken: steps, path };
}

// What is left of a polygon where `inside` is not negative; `inside` is linear.
function cut(polygon, inside) {
  const left = [];
  polygon.forEach((to, i) => {
    const from = polygon[(i + polygon.length - 1) % polygon.length];
    const [a, b] = [inside(from), inside(to)];
    if (a < 0 !== b < 0) {
      const part = a / (a - b);
      left.push([from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])]);
    }
    if (b >= 0) left.push(to);
  });
  return left;
}

const size_of = (numbers) => Math.max(...numbers.map(Math.abs));
const square = ([low, high]) => [[low, low], [high, low], [high, high], [low, high]];
const closed = (plot, polygon) => (polygon.length ? `${plot.path(polygon)}Z` : "M0,0");

// The line z = 0: how far it lies from the middle, along the direction in which w points.
function line_of({ w1, w2, b }) {
  const length = Math.hypot(w1, w2);
  if (length < 1e-9) return null; // then z is the same everywhere
  return { length, normal: [w1 / length, w2 / length], away: -b / length };
}

function line_path(plot, line) {
  if (!line) return "M0,0";
  const { normal, away } = line;
  return plot.path(
    [-12, 12].map((t) => [away * normal[0] - t * normal[1], away * normal[1] + t * normal[0]]),
  );
}

// A square or a circle: large and filled where the neuron fires, small and hollow where not.
function mark({ x, y, wanted, fires }) {
  const class_ = `${fires ? "lab-dot" : "lab-hollow"} lab-${wanted ? "blue" : "vermilion"}`;
  const size = fires ? 8 : 5;
  return wanted
    ? svg("rect", { class: class_, x: x - size, y: y - size, width: 2 * size, height: 2 * size })
    : svg("circle", { class: class_, cx: x, cy: y, r: size });
}

const pixels = (at) => at.map((value) => value.toFixed(1)).join();

function arrow_head([x, y], [from_x, from_y], size = 9) {
  const angle = Math.atan2(y - from_y, x - from_x);
  const corner = (turn) =>
    pixels([x - size * Math.cos(angle + turn), y - size * Math.sin(angle + turn)]);
  return `M${corner(0.5)}L${pixels([x, y])}L${corner(-0.5)}`;
}

function render({ model, el }) {
  const lab = make_lab({ model, el }, { title: "One neuron", draw });
  const plane = add_plot(lab, {
    label: "The plane of the two inputs, with the line where the neuron changes its mind",
    x: PLANE,
    y: PLANE,
    x_label: "x₁",
    y_label: "x₂",
    share: 0.6,
    ratio: 1.01,
  });
  const answers = add_plot(lab, {
    label: "What the neuron answers to each point",
    x: Z_SHOWN,
    y: A_SHOWN,
    x_label: "z",
    title: "answer a",
    share: 0.4,
    ratio: lab.get("gradient") ? 0.62 : 1.1, // alone it has the whole column
    narrow_ratio: 0.55,
  });
  const weights = add_plot(lab, {
    label: "The plane of the two weights, with the way that gradient descent takes",
    x: WEIGHTS,
    y: WEIGHTS,
    x_label: "w₁",
    title: "where steps take w",
    share: 0.4,
    ratio: 0.99,
  });
  const column = element("div", { class: "lab-column" });
  answers.picture.before(column);
  column.append(answers.picture, weights.picture);

  // What is drawn, from the back to the front.
  const firing = plane.line({ class: "lab-area lab-pale-blue" });
  const distance = plane.line({ class: "lab-line lab-thin lab-ink", "stroke-dasharray": "3 3" });
  const ghost = plane.line({ class: "lab-line lab-green", "stroke-dasharray": "7 4" });
  const border = plane.line({});
  const plane_marks = plane.inside.appendChild(svg("g"));
  const plane_words = plane.above.appendChild(svg("g"));

  for (const [plot, name] of [[plane, "x₂"], [weights, "w₂"]]) {
    const sign = svg("text", { class: "lab-name", x: 0, "aria-hidden": "true" }, name);
    plot.above.append(sign);
    lab.syncs.push(() => sign.setAttribute("y", plot.py(0.5 * (plot.x[1] / 3))));
  }

  const answer_area = answers.line({ class: "lab-area lab-pale-blue" });
  const curve = answers.line({});
  const answer_marks = answers.inside.appendChild(svg("g"));
  const answer_words = answers.above.appendChild(svg("g"));

  const silent_area = weights.line({ class: "lab-area lab-pale-vermilion" });
  const weight_arrow = weights.line({ class: "lab-line lab-thin lab-grey" });
  const way = weights.line({ class: "lab-line lab-green" });
  const weight_words = weights.above.appendChild(svg("g"));

  const slide = add_handle(lab, plane, {
    label: "slide the line: bias",
    step: [0.1, 0.1],
    move(x, y) {
      const { w1, w2 } = state();
      lab.set({ b: clamp(Number((-w1 * x - w2 * y).toFixed(3)), -MOST.b, MOST.b) });
    },
  });
  const turn = add_handle(lab, plane, {
    label: "turn the line: direction of the weights",
    step: [0.15, 0.15],
    move(x, y) {
      const { length, along, aside } = places();
      const angle = Math.atan2(y, x) - Math.atan2(aside, along);
      set_weights(length * Math.cos(angle), length * Math.sin(angle));
    },
  });
  const tip = add_handle(lab, weights, {
    label: "weights w",
    step: [0.1, 0.1],
    move: set_weights,
  });

  add_slider(lab, { key: "b", label: "bias b", min: -MOST.b, max: MOST.b, step: 0.05 });
  // The length is no part of the state: it is read from the weights, and changes both.
  const by_length = {
    ...lab,
    get: () => Math.hypot(lab.get("w1"), lab.get("w2")),
    set({ length }) {
      const [x, y] = line_of(state())?.normal ?? [1, 0];
      set_weights(length * x, length * y);
    },
  };
  add_slider(by_length, { key: "length", label: "length of w", min: 0.2, max: 3, step: 0.05 });
  const options = [["relu", "ReLU"], ["leaky_relu", "leaky ReLU"]];
  add_choice(lab, { key: "activation", label: "activation", options });
  const slope = add_slider(lab, { key: "slope", label: "slope", min: 0, max: 1, step: 0.01 });
  const whole = { min: 1, step: 1, digits: 0 };
  add_slider(lab, { key: "point", label: "read off point", max: 12, ...whole });
  const rate = add_slider(lab, {
    key: "rate",
    label: "learning rate",
    min: 0.01,
    max: 3,
    step: 0.01,
    log: true,
  });
  const steps = add_slider(lab, { key: "steps", label: "steps", max: 50, ...whole });
  const start = Object.fromEntries(KEYS.map((key) => [key, lab.get(key)]));
  const [take] = add_buttons(lab, [
    { label: "Take steps", press: take_steps },
    {
      label: "Back to the start",
      press() {
        stop();
        lab.set(start);
      },
    },
  ]);
  const body = element("tbody");
  const heads = COLUMNS.map((name) => element("th", { scope: "col" }, name));
  const head = element("thead", {}, element("tr", {}, ...heads));
  const all = element(
    "details",
    { class: "lab-checks" },
    element("summary", {}, "z and a of every point"),
    element("table", { class: "lab-table lab-tight" }, head, body),
  );
  all.addEventListener("toggle", lab.request);
  lab.controls.append(all);

  const names = [...KEYS, "activation", "slope", "rate"];
  const state = () => Object.fromEntries(names.map((name) => [name, lab.get(name)]));
  let drawn = { seed: null };
  function data() {
    const seed = lab.get("seed");
    if (drawn.seed !== seed) drawn = { seed, ...two_clouds(seed) };
    return drawn;
  }

  function set_weights(w1, w2) {
    const size = Math.max(1, size_of([w1, w2]) / MOST.w);
    lab.set({ w1: Number((w1 / size).toFixed(6)), w2: Number((w2 / size).toFixed(6)) });
  }

  // Both handles of the line: one at its foot, one where it leaves the rim.
  function places() {
    const line = line_of(state());
    if (!line) return { length: 0.2, along: 1, aside: 1, foot: [0, 0], end: [0, 0] };
    const [x, y] = line.normal;
    const near = clamp(line.away, ...[-1, 1].map((side) => (side * RIM) / size_of(line.normal)));
    const along = clamp(line.away, -2.75, 2.75);
    const aside = -Math.sqrt(RIM ** 2 - along ** 2);
    const end = [along * x - aside * y, along * y + aside * x];
    return { length: line.length, along, aside, foot: [near * x, near * y], end };
  }

  // One step a frame, unless the reader wants no motion; whoever touches the lab stops it.
  let frame = 0;
  function stop() {
    cancelAnimationFrame(frame);
    frame = 0;
  }
  function take_steps() {
    stop();
    const { path } = steps_ahead(state(), data(), lab.get("steps"));
    const set_to = (k) => lab.set(Object.fromEntries(KEYS.map((key, i) => [key, path[k][i]])));
    if (still()) {
      set_to(path.length - 1);
      return;
    }
    let at = 0;
    const go_on = () => {
      const moved = KEYS.some((key, i) => lab.get(key) !== path[at][i]);
      if (moved || at === path.length - 1) return;
      set_to((at += 1));
      frame = requestAnimationFrame(go_on);
    };
    go_on();
  }

  function draw() {
    const now = state();
    const { x, count, target } = data();
    const layer = one_neuron(now, { x, count, target });
    const { z, a } = layer;
    const gradient = lab.get("gradient");
    const alive = has_gradient(layer);
    const fires = z.filter((value) => value > 0).length;
    const line = line_of(now);
    const shown = gradient && alive ? steps_ahead(now, data(), lab.get("steps")) : null;
    const chosen = lab.get("point") - 1;

    draw_plane();
    draw_answers();
    draw_weights();
    draw_controls();
    if (all.open) fill_table();
    lab.say(told());

    function marks(plot, place) {
      const made = [];
      for (let n = 0; n < count; n++) {
        const [along, up] = place(n);
        const at = { x: plot.px(along), y: plot.py(up) };
        const shape = mark({ ...at, wanted: target[n], fires: z[n] > 0 });
        shape.addEventListener("pointerdown", () => lab.set({ point: n + 1 }));
        shape.setAttribute("cursor", "pointer");
        made.push(shape);
        if (n === chosen) {
          made.push(svg("circle", { class: "lab-ring", cx: at.x, cy: at.y, r: 14 }));
        }
      }
      return made;
    }

    function draw_plane() {
      const sum = `${fixed(now.w1)} x₁ ${term(now.w2)} x₂ ${term(now.b)}`;
      plane.picture.querySelector(".lab-title").textContent = `z = ${sum}`;
      const on = ([one, other]) => now.w1 * one + now.w2 * other + now.b;
      const everywhere = line || now.b > 0 ? square(PLANE) : [];
      firing.setAttribute("d", closed(plane, cut(everywhere, on)));
      border.setAttribute("d", line_path(plane, line));
      const [w1, w2, b] = shown ? shown.path[shown.taken] : [0, 0, 0];
      const then = shown && line_of({ w1, w2, b });
      ghost.setAttribute("d", line_path(plane, then));
      const at = [x[2 * chosen], x[2 * chosen + 1]];
      const far = line ? z[chosen] / line.length : 0;
      const foot = line ? [at[0] - far * line.normal[0], at[1] - far * line.normal[1]] : at;
      distance.setAttribute("d", plane.path([at, foot]));
      plane_marks.replaceChildren(...marks(plane, (n) => [x[2 * n], x[2 * n + 1]]));

      const { foot: held, end } = places();
      slide.place(...held, `bias b ${fixed(now.b)}`);
      turn.place(...end, `weights ${fixed(now.w1)} and ${fixed(now.w2)}`);
      for (const handle of [slide, turn]) handle.group.style.display = line ? "" : "none";
      const words = [];
      if (!fires) {
        const dead = gradient && !alive;
        const text = dead ? "✕ dead on these points" : "✕ fires for none";
        words.push(word(plane.px(-3) + 8, plane.py(3) + 20, text, "vermilion"));
      }
      // Where nothing else may be written: points, handles, and words that stand already.
      const taken = Array.from(target.keys()).map((n) => [x[2 * n], x[2 * n + 1]]);
      if (line) taken.push(held, end);
      const full = taken.map(([one, other]) => [plane.px(one), plane.py(other)]);
      for (const text of words) full.push(...spread_of(text));
      const add = (place, text, ink) => {
        const made = settled(plane, place, text, full, ink);
        full.push(...spread_of(made));
        words.push(made);
      };
      if (gradient) for (const wish of wishes()) add(...wish);
      let many = shown?.taken === 1 ? "after 1 step" : `after ${shown?.taken} steps`;
      if (plane.width < 400) many = "then"; // there is no room for more
      if (then && shown.taken) add(ghost_place(then), many, "green");
      if (line) add(held, "slide");
      if (line) add(end, "turn");
      add(at, `z = ${fixed(z[chosen])}`);
      plane_words.replaceChildren(...words);
    }

    // What the loss asks of each cloud, to be said at its highest or lowest point.
    function wishes() {
      return [1, 0].map((wanted) => {
        const members = Array.from(target.keys()).filter((n) => target[n] === wanted);
        const middle = members.reduce((sum, n) => sum + x[2 * n] / members.length, 0);
        const heights = members.map((n) => x[2 * n + 1]);
        const place = [middle, wanted ? Math.max(...heights) : Math.min(...heights)];
        return [place, `should be ${wanted}`, wanted ? "blue" : "vermilion"];
      });
    }

    function draw_answers() {
      const f = layer.activation;
      answers.picture.querySelector(".lab-title").textContent = `answer a = ${f.name}(z)`;
      const [low, high] = A_SHOWN;
      const right = [[0, low], [Z_SHOWN[1], low], [Z_SHOWN[1], high], [0, high]];
      answer_area.setAttribute("d", closed(answers, right));
      const corners = [Z_SHOWN[0], 0, Z_SHOWN[1]].map((at) => [at, f.value(at)]);
      set_attributes(curve, { ...line_style(f.name), d: answers.path(corners) });
      const place = (n) => [clamp(z[n], ...Z_SHOWN), clamp(a[n], ...A_SHOWN)];
      answer_marks.replaceChildren(...marks(answers, place));
      const y = answers.py(A_SHOWN[1]) + 18;
      const words = [
        word(answers.px(Z_SHOWN[0]) + 6, y, "silent", "grey"),
        word(answers.px(0) + 6, y, "fires", "blue"),
      ];
      const off = z.filter((value) => value < Z_SHOWN[0]).length;
      if (off) words.push(word(answers.px(Z_SHOWN[0]) + 6, y + 20, `${off} further left`, "grey"));
      answer_words.replaceChildren(...words);
    }

    function draw_weights() {
      weights.picture.style.display = gradient ? "" : "none";
      if (!gradient) return;
      let silent = square(WEIGHTS);
      for (let n = 0; n < count; n++) {
        silent = cut(silent, ([one, other]) => -(x[2 * n] * one + x[2 * n + 1] * other + now.b));
      }
      silent_area.setAttribute("d", closed(weights, silent));
      const w = [now.w1, now.w2];
      weight_arrow.setAttribute("d", weights.path([[0, 0], w]));
      tip.place(...w, `weights ${fixed(now.w1)} and ${fixed(now.w2)}`);
      const words = [];
      if (silent.length) {
        const lowest = silent.reduce((one, other) => (other[1] < one[1] ? other : one));
        const y = Math.min(weights.py(lowest[1]) - 10, weights.py(WEIGHTS[0]) - 8);
        const sides = silent.map(([at]) => at);
        const middle = (Math.min(...sides) + Math.max(...sides)) / 2;
        words.push(word(weights.px(middle), y, "fires for none", "vermilion", "middle"));
      }
      way.setAttribute("d", "M0,0");
      if (shown) {
        // A way shorter than this could not be seen: then the arrow shows where it goes.
        const points = shown.path.map(([one, other]) => [weights.px(one), weights.py(other)]);
        const [from, to] = [points[0], points[points.length - 1]];
        const long = Math.hypot(to[0] - from[0], to[1] - from[1]);
        if (long < 22) {
          const [down_1, down_2] = layer.grad_w;
          const size = Math.hypot(down_1, down_2) || 1;
          points.splice(1, points.length, [
            from[0] - (22 * down_1) / size,
            from[1] + (22 * down_2) / size,
          ]);
        }
        const drawn_way = points.map((at, i) => `${i ? "L" : "M"}${pixels(at)}`);
        const last = points[points.length - 1];
        const before = points.filter(([x_, y_]) => Math.hypot(x_ - last[0], y_ - last[1]) > 8);
        way.setAttribute("d", drawn_way.join("") + arrow_head(last, before[before.length - 1]));
      } else {
        const here = [weights.px(w[0]), weights.py(w[1])];
        const full = [here, ...words.flatMap(spread_of)];
        words.push(settled(weights, w, "no gradient", full, "vermilion"));
      }
      weight_words.replaceChildren(...words);
    }

    function draw_controls() {
      const leaky = now.activation === "leaky_relu";
      slope.parentElement.style.display = leaky ? "" : "none";
      for (const input of [rate, steps]) input.parentElement.style.display = gradient ? "" : "none";
      take.style.display = gradient ? "" : "none";
      const many = lab.get("steps");
      take.textContent = many === 1 ? "Take 1 step" : `Take ${many} steps`;
    }

    function fill_table() {
      const rows = Array.from({ length: count }, (_, n) => {
        const slope_there = layer.activation.derivative(z[n]);
        const numbers = [x[2 * n], x[2 * n + 1], null, z[n], a[n], slope_there];
        const cells = numbers.map((value) =>
          element("td", {}, value === null ? String(target[n]) : fixed(value)),
        );
        const name = `${target[n] ? "■" : "●"} ${n + 1}`;
        return element("tr", {}, element("th", { scope: "row" }, name), ...cells);
      });
      body.replaceChildren(...rows);
    }

    function told() {
      let first = `It fires for ${fires || "none"} of the ${count} points`;
      const flat = Array.from(z).every((value) => layer.activation.derivative(value) === 0);
      if (fires) first += ".";
      else if (!gradient) first += ": always-off on them.";
      else first += flat ? ": dead on them." : ": always-negative on them, not dead.";
      const read = `Point ${chosen + 1}: z = ${fixed(z[chosen])}, a = ${fixed(a[chosen])}.`;
      if (!gradient) return `${first} ${read}`;
      return `${first} ${read} Loss ${fixed(layer.loss, 3)}. ${future()}`;
    }

    function future() {
      if (!shown) return "No gradient is left: no step moves it.";
      const many = lab.get("steps");
      if (shown.taken < many) {
        return `Step ${shown.taken + 1} leaves the ranges of this lab: the rate is too high.`;
      }
      const { w, b, loss } = shown.layer;
      const lead = many === 1 ? "1 step leads" : `${many} steps lead`;
      const there = `w = (${fixed(w[0])}, ${fixed(w[1])}), b = ${fixed(b[0])}`;
      return `${lead} to ${there}, loss ${fixed(loss, 3)}.`;
    }
  }

  const term = (value) => `${value < 0 ? "−" : "+"} ${fixed(Math.abs(value))}`;
  const word = (x, y, text, ink, anchor = "start") =>
    svg("text", { class: `lab-label lab-${ink}`, x, y, "text-anchor": anchor }, text);
  const half_of = (text) => 4.1 * text.length; // half of its width, nearly
  const spread_of = (made) => {
    const [x, y] = ["x", "y"].map((key) => Number(made.getAttribute(key)));
    const half = half_of(made.textContent);
    const shift = { start: half, middle: 0, end: -half }[made.getAttribute("text-anchor")];
    return [-half, -half / 2, 0, half / 2, half].map((along) => [x + shift + along, y - 5]);
  };
  // Words around a place, on the side where what is there already leaves most room.
  function settled(plot, [along, up], text, taken, ink = "ink") {
    const half = half_of(text);
    const [low, high] = [MARGIN.left + half + 4, plot.width - MARGIN.right - half - 4];
    const [top, bottom] = [MARGIN.top + 12, plot.height - MARGIN.bottom - 10];
    const ways = [[half + 16, 0], [-half - 16, 0], [0, -26], [0, 26]];
    ways.push(...[[1, 1], [1, -1], [-1, 1], [-1, -1]].map(([a, b]) => [a * (half + 8), b * 24]));
    const places = ways.map(([dx, dy]) => [
      clamp(plot.px(along) + dx, low, high),
      clamp(plot.py(up) + dy, top, bottom),
    ]);
    const gap = ([x, y], [a, b]) => Math.hypot(Math.max(Math.abs(a - x) - half, 0), b - y);
    const room = (place) => Math.min(40, ...taken.map((other) => gap(place, other)));
    const rooms = places.map(room);
    const [x, y] = places[rooms.indexOf(Math.max(...rooms))];
    return word(x, y + 5, text, ink, "middle");
  }
  // Where the name of the ghost stands: on it, at the end opposite to the handle that turns.
  function ghost_place({ normal, away }) {
    const along = clamp(away, -2.6, 2.6);
    const aside = Math.sqrt(RIM ** 2 - along ** 2) * 0.9;
    return [along * normal[0] - aside * normal[1], along * normal[1] + aside * normal[0]];
  }

  return () => {
    stop();
    lab.dispose();
  };
}

export default { render };
