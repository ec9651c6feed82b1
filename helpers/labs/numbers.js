// The numbers behind all labs: what `helpers` computes in NumPy, again in JavaScript.
//
// Names, formulas and conventions are those of helpers.activations, helpers.initializers,
// helpers.network and helpers.training; numpy_random() draws what numpy.random.default_rng() draws.
// Tests hold both sides against each other. Matrices are Float64Arrays, row by row.

// --- activations: value and derivative at z ------------------------------------------------------

const sigmoid = (z) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));
const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const normal_density = (z) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

// The chance that a standard normal number lies below z. Near 0 its Taylor series, whose terms are
// all positive; far out Laplace's continued fraction for the tail, from the inside out.
function normal_share(z) {
  const x = Math.abs(z);
  let upper;
  if (x < 3) {
    let term = x;
    let sum = x;
    for (let n = 3; term > 1e-17 * sum; n += 2) sum += term *= (x * x) / n;
    upper = 0.5 - sum * normal_density(x);
  } else {
    let fraction = x;
    for (let n = 60; n > 0; n--) fraction = x + n / fraction;
    upper = normal_density(x) / fraction;
  }
  return z > 0 ? 1 - upper : upper;
}

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

const leaky = {
  value: (z, slope) => (z > 0 ? z : slope * z),
  derivative: (z, slope) => (z > 0 ? 1 : slope),
};
const elu_like = {
  value: (z, alpha) => (z > 0 ? z : alpha * Math.expm1(z)),
  derivative: (z, alpha) => (z > 0 ? 1 : alpha * Math.exp(z)),
};

function gelu_tanh_inner(z) {
  return 2 * Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3);
}

// By the names of helpers.activations. `parameter` names what the second argument is, and
// `usual` is its default; `bends` says where the derivative jumps.
const ACTIVATIONS = {
  identity: { value: (z) => z, derivative: () => 1, bends: [] },
  step: { value: (z) => (z > 0 ? 1 : 0), derivative: () => 0, bends: [0] },
  sigmoid: {
    value: sigmoid,
    derivative: (z) => sigmoid(z) * sigmoid(-z),
    bends: [],
  },
  tanh: {
    value: Math.tanh,
    derivative: (z) => 4 * sigmoid(2 * z) * sigmoid(-2 * z),
    bends: [],
  },
  relu: { value: (z) => Math.max(z, 0), derivative: (z) => (z > 0 ? 1 : 0), bends: [0] },
  leaky_relu: { ...leaky, parameter: "slope", usual: 0.01, bends: [0] },
  prelu: { ...leaky, parameter: "slope", usual: 0.25, bends: [0] },
  // As it is when a model is used: with the mean of the slopes that training draws.
  rrelu: { ...leaky, parameter: "slope", usual: (1 / 8 + 1 / 3) / 2, bends: [0] },
  elu: { ...elu_like, parameter: "alpha", usual: 1, bends: [0] },
  celu: {
    value: (z, alpha) => (z > 0 ? z : alpha * Math.expm1(z / alpha)),
    derivative: (z, alpha) => (z > 0 ? 1 : Math.exp(z / alpha)),
    parameter: "alpha",
    usual: 1,
    bends: [0],
  },
  selu: {
    value: (z) => SELU_SCALE * elu_like.value(z, SELU_ALPHA),
    derivative: (z) => SELU_SCALE * elu_like.derivative(z, SELU_ALPHA),
    bends: [0],
  },
  softplus: { value: softplus, derivative: sigmoid, bends: [] },
  gelu: {
    value: (z) => z * normal_share(z),
    derivative: (z) => normal_share(z) + z * normal_density(z),
    bends: [],
  },
  gelu_tanh: {
    value: (z) => z * sigmoid(gelu_tanh_inner(z)),
    derivative: (z) => {
      const share = sigmoid(gelu_tanh_inner(z));
      const steep = 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * z * z);
      return share * (1 + z * sigmoid(-gelu_tanh_inner(z)) * steep);
    },
    bends: [],
  },
  silu: {
    value: (z) => z * sigmoid(z),
    derivative: (z) => sigmoid(z) * (1 + z * sigmoid(-z)),
    bends: [],
  },
  mish: {
    value: (z) => z * Math.tanh(softplus(z)),
    derivative: (z) => {
      const a = Math.tanh(softplus(z));
      return a + z * (1 - a * a) * sigmoid(z);
    },
    bends: [],
  },
  hardtanh: {
    value: (z) => Math.max(-1, Math.min(1, z)),
    derivative: (z) => (z > -1 && z < 1 ? 1 : 0),
    bends: [-1, 1],
  },
  relu6: {
    value: (z) => Math.max(0, Math.min(6, z)),
    derivative: (z) => (z > 0 && z < 6 ? 1 : 0),
    bends: [0, 6],
  },
};

// The function of z alone: activation("leaky_relu", 0.1).value(-2) is -0.2.
function activation(name, parameter) {
  const entry = ACTIVATIONS[name];
  const p = parameter ?? entry.usual;
  return {
    name,
    parameter: p,
    value: (z) => entry.value(z, p),
    derivative: (z) => entry.derivative(z, p),
  };
}

// --- random numbers: NumPy's default generator ---------------------------------------------------

// O'Neill's PCG64 (2014), https://www.pcg-random.org/paper.html, seeded as NumPy's SeedSequence
// does. Numbers of 128 bits are eight limbs of 16 bits, lowest first: their products fit a double.
const PCG_FACTOR = [0xf645, 0x9fcc, 0xdf64, 0x4385, 0x5da4, 0x1fc6, 0xed05, 0x2360];

// Marsaglia and Tsang's ziggurat (2000), https://doi.org/10.18637/jss.v005.i08: 256 strips of one
// area under the bell. Widths are in units of 2^-52, as the random bits are.
const TAIL = 3.6541528853610087963519472518;
const STRIP = 0.004928673233974654931590913431847;
const ZIGGURAT = (() => {
  const bell = (x) => Math.exp((-x * x) / 2);
  const edge = new Float64Array(257); // edge[256] is the outermost
  edge[256] = STRIP / bell(TAIL);
  edge[255] = TAIL;
  for (let i = 254; i > 0; i--) {
    edge[i] = Math.sqrt(-2 * Math.log(STRIP / edge[i + 1] + bell(edge[i + 1])));
  }
  const inside = new Float64Array(256);
  const width = new Float64Array(256);
  const height = new Float64Array(256);
  for (let i = 0; i < 256; i++) {
    const outer = i === 0 ? edge[256] : edge[i];
    const inner = i === 0 ? TAIL : i === 1 ? 0 : edge[i - 1];
    width[i] = outer / 2 ** 52;
    inside[i] = Math.floor((inner / outer) * 2 ** 52);
    height[i] = i === 0 ? 1 : bell(edge[i]);
  }
  return { inside, width, height };
})();

function seed_words(seed) {
  const entropy = [];
  for (let number of [seed].flat()) {
    do {
      entropy.push(number % 2 ** 32);
      number = Math.floor(number / 2 ** 32);
    } while (number > 0);
  }
  let factor = 0x43b0d7e5;
  const hash = (value) => {
    value ^= factor;
    factor = Math.imul(factor, 0x931e8875);
    value = Math.imul(value, factor);
    return value ^ (value >>> 16);
  };
  const mix = (x, y) => {
    const value = Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y);
    return value ^ (value >>> 16);
  };
  const pool = [0, 1, 2, 3].map((i) => hash(entropy[i] ?? 0));
  for (let from = 0; from < 4; from++) {
    for (let to = 0; to < 4; to++) if (from !== to) pool[to] = mix(pool[to], hash(pool[from]));
  }
  for (const extra of entropy.slice(4)) {
    for (let to = 0; to < 4; to++) pool[to] = mix(pool[to], hash(extra));
  }
  factor = 0x8b51f9dd;
  return Array.from({ length: 8 }, (_, i) => {
    let value = pool[i % 4] ^ factor;
    factor = Math.imul(factor, 0x58f38ded);
    value = Math.imul(value, factor);
    return (value ^ (value >>> 16)) >>> 0;
  });
}

// numpy_random(3) draws what numpy.random.default_rng(3) draws: random(), uniform(low, high),
// normal(mean, deviation); Float64Arrays of several: normals(count, deviation) around 0, and
// uniforms(count, limit) between -limit and limit; and permutation(count) of 0 to count - 1.
function numpy_random(seed) {
  const words = seed_words(seed);
  const limbs = (order) => order.flatMap((i) => [words[i] & 0xffff, words[i] >>> 16]);
  let state = new Float64Array(8);
  let next = new Float64Array(8);
  const step_by = limbs([6, 7, 4, 5]);
  for (let i = 7; i > 0; i--) step_by[i] = ((step_by[i] << 1) | (step_by[i - 1] >>> 15)) & 0xffff;
  step_by[0] = ((step_by[0] << 1) | 1) & 0xffff;
  let high = 0;
  let low = 0;
  let half = null; // a draw of 64 bits serves two whole numbers

  function advance() {
    let carry = 0;
    for (let i = 0; i < 8; i++) {
      let sum = step_by[i] + carry;
      for (let j = 0; j <= i; j++) sum += state[j] * PCG_FACTOR[i - j];
      carry = Math.floor(sum / 65536);
      next[i] = sum - 65536 * carry;
    }
    [state, next] = [next, state];
  }
  function draw() {
    advance();
    const s = state;
    const a = ((s[7] ^ s[3]) << 16) | (s[6] ^ s[2]);
    const b = ((s[5] ^ s[1]) << 16) | (s[4] ^ s[0]);
    const turn = s[7] >>> 10;
    const [x, y] = turn & 32 ? [b, a] : [a, b];
    const by = turn & 31;
    high = (by ? (x >>> by) | (y << (32 - by)) : x) >>> 0;
    low = (by ? (y >>> by) | (x << (32 - by)) : y) >>> 0;
  }
  const random = () => {
    draw();
    return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
  };
  // A whole number from 0 to last: as many random bits as it takes, until they are small enough.
  function integer(last) {
    const shift = Math.clz32(last);
    for (;;) {
      let bits = half;
      half = null;
      if (bits === null) {
        draw();
        [bits, half] = [low, high];
      }
      bits = ((bits << shift) >>> shift) >>> 0;
      if (bits <= last) return bits;
    }
  }
  function permutation(count) {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = integer(i);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }
  function standard_normal() {
    const { inside, width, height } = ZIGGURAT;
    for (;;) {
      draw();
      const strip = low & 0xff;
      const bits = (high & 0x1fffffff) * 2 ** 23 + (low >>> 9);
      const x = low & 0x100 ? -bits * width[strip] : bits * width[strip];
      if (bits < inside[strip]) return x;
      if (strip === 0) {
        for (;;) {
          const out = -Math.log1p(-random()) / TAIL;
          const up = -Math.log1p(-random());
          if (up + up > out * out) return (bits / 256) & 1 ? -(TAIL + out) : TAIL + out;
        }
      }
      const rise = height[strip - 1] - height[strip];
      if (rise * random() + height[strip] < Math.exp(-0.5 * x * x)) return x;
    }
  }

  advance();
  const start = limbs([2, 3, 0, 1]);
  let carry = 0;
  for (let i = 0; i < 8; i++) {
    const sum = state[i] + start[i] + carry;
    state[i] = sum & 0xffff;
    carry = sum >>> 16;
  }
  advance();
  return {
    random,
    uniform: (from, to) => from + (to - from) * random(),
    normal: (mean, deviation) => mean + deviation * standard_normal(),
    normals: (count, deviation) =>
      Float64Array.from({ length: count }, () => deviation * standard_normal()),
    uniforms: (count, limit) =>
      Float64Array.from({ length: count }, () => 2 * limit * random() - limit),
    permutation,
  };
}

// --- data ----------------------------------------------------------------------------------------

// helpers.datasets: the same points in the same order from the same seed. x has `inputs` numbers a
// point, row by row; y has numbers to predict, or classes, of which there are `classes`.
function curve(n, random, end, value, noise) {
  const x = Float64Array.from({ length: n }, () => random.uniform(-end, end));
  const off = noise ? random.normals(n, noise) : new Float64Array(n);
  return { x, y: x.map((at, i) => value(at) + off[i]), inputs: 1, classes: 0 };
}

// Adds noise to points that lie class by class, the larger half first, and shuffles them.
function two_classes(n, random, noise, points) {
  const off = random.normals(2 * n, noise);
  const order = random.permutation(n);
  const x = new Float64Array(2 * n);
  order.forEach((from, to) => {
    for (const k of [0, 1]) x[2 * to + k] = points[from][k] + off[2 * from + k];
  });
  const y = order.map((from) => (from < n - Math.floor(n / 2) ? 0 : 1));
  return { x, y, inputs: 2, classes: 2 };
}

const DATASETS = {
  absolute: (n, seed) => curve(n, numpy_random(seed), Math.sqrt(3), Math.abs, 0),
  sine: (n, seed, noise = 0.1) => curve(n, numpy_random(seed), Math.PI, Math.sin, noise),
  moons(n, seed, noise = 0.1) {
    const random = numpy_random(seed);
    const upper = n - Math.floor(n / 2);
    const points = Array.from({ length: n }, (_, i) => {
      const low = i >= upper;
      const angle = low ? random.uniform(Math.PI, 2 * Math.PI) : random.uniform(0, Math.PI);
      return [Math.cos(angle) + (low ? 1 : 0), Math.sin(angle) + (low ? 0.5 : 0)];
    });
    return two_classes(n, random, noise, points);
  },
  circles(n, seed, noise = 0.1) {
    const random = numpy_random(seed);
    const outer = n - Math.floor(n / 2);
    const points = Array.from({ length: n }, (_, i) => {
      const angle = random.uniform(0, 2 * Math.PI);
      const radius = i < outer ? 1 : 0.5;
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    });
    return two_classes(n, random, noise, points);
  },
  spirals(n, seed, noise = 0.03) {
    const random = numpy_random(seed);
    const one = n - Math.floor(n / 2);
    const points = Array.from({ length: n }, (_, i) => {
      const along = Math.sqrt(random.random());
      const angle = 2 * Math.PI * along + (i < one ? 0 : Math.PI);
      const radius = 0.1 + 0.9 * along;
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    });
    return two_classes(n, random, noise, points);
  },
};

// --- networks ------------------------------------------------------------------------------------

// As helpers.initializers: weights of shape (fan_in, fan_out), row by row, and biases.
const INITIALIZERS = {
  he(fan_in, fan_out, random, slope = 0) {
    const deviation = Math.sqrt(2 / ((1 + slope ** 2) * fan_in));
    return { w: random.normals(fan_in * fan_out, deviation), b: new Float64Array(fan_out) };
  },
  glorot(fan_in, fan_out, random) {
    const limit = Math.sqrt(6 / (fan_in + fan_out));
    return { w: random.uniforms(fan_in * fan_out, limit), b: new Float64Array(fan_out) };
  },
  torch_default(fan_in, fan_out, random) {
    const limit = 1 / Math.sqrt(fan_in);
    return {
      w: random.uniforms(fan_in * fan_out, limit),
      b: random.uniforms(fan_out, limit),
    };
  },
};

// What suits each layer by what comes into it, as default_initializer of helpers.network.
function usual_draws(hidden) {
  return [...hidden, hidden[hidden.length - 1]].map(({ name, parameter }) => {
    if (["identity", "step", "sigmoid", "tanh", "hardtanh"].includes(name)) {
      return INITIALIZERS.glorot;
    }
    const slope = ACTIVATIONS[name].parameter === "slope" ? parameter : 0;
    return (fan_in, fan_out, random) => INITIALIZERS.he(fan_in, fan_out, random, slope);
  });
}

// What Network(sizes, ...) of helpers.network draws from a seed. `hidden` has an activation for each
// hidden layer; the output layer is linear. `draws` has a function for each layer that gives its w
// and b; `bias` replaces the biases of hidden units.
function make_network(sizes, hidden, { seed = 0, bias = null, draws = usual_draws(hidden) } = {}) {
  const random = numpy_random(seed);
  return sizes.slice(1).map((fan_out, number) => {
    const fan_in = sizes[number];
    const { w, b } = draws[number](fan_in, fan_out, random);
    const last = number === sizes.length - 2;
    if (bias !== null && !last) b.fill(bias);
    return { fan_in, fan_out, w, b, activation: last ? activation("identity") : hidden[number] };
  });
}

// Each layer keeps its input x and its z, each (count, units) row by row; the output is returned.
function forward(network, x, count) {
  let a = x;
  for (const layer of network) {
    const { fan_in, fan_out, w, b } = layer;
    if (layer.z?.length !== count * fan_out) layer.z = new Float64Array(count * fan_out);
    const z = layer.z;
    for (let n = 0; n < count; n++) {
      const row = n * fan_out;
      for (let j = 0; j < fan_out; j++) z[row + j] = b[j];
      for (let i = 0; i < fan_in; i++) {
        const input = a[n * fan_in + i];
        for (let j = 0; j < fan_out; j++) z[row + j] += input * w[i * fan_out + j];
      }
    }
    layer.x = a;
    a = z.map(layer.activation.value);
  }
  return a;
}

// Leaves grad_w and grad_b in each layer, from the gradient of the loss by the output.
function backward(network, grad_output, count) {
  let grad_a = grad_output;
  for (const layer of network.slice().reverse()) {
    const { fan_in, fan_out, w, x, z } = layer;
    const slope = layer.activation.derivative;
    const grad_w = new Float64Array(fan_in * fan_out);
    const grad_b = new Float64Array(fan_out);
    const grad_x = new Float64Array(count * fan_in);
    for (let n = 0; n < count; n++) {
      for (let j = 0; j < fan_out; j++) {
        const grad_z = grad_a[n * fan_out + j] * slope(z[n * fan_out + j]);
        if (grad_z === 0) continue;
        grad_b[j] += grad_z;
        for (let i = 0; i < fan_in; i++) {
          grad_w[i * fan_out + j] += x[n * fan_in + i] * grad_z;
          grad_x[n * fan_in + i] += w[i * fan_out + j] * grad_z;
        }
      }
    }
    Object.assign(layer, { grad_w, grad_b });
    grad_a = grad_x;
  }
  return grad_a;
}

// Both losses give their mean, and its gradient by the output.
function mean_squared_error(output, target) {
  const gradient = new Float64Array(output.length);
  let loss = 0;
  for (let i = 0; i < output.length; i++) {
    const difference = output[i] - target[i];
    loss += difference ** 2 / output.length;
    gradient[i] = (2 * difference) / output.length;
  }
  return { loss, gradient };
}

function softmax_cross_entropy(logits, labels) {
  const count = labels.length;
  const classes = logits.length / count;
  const gradient = new Float64Array(logits.length);
  let loss = 0;
  for (let n = 0; n < count; n++) {
    const row = logits.subarray(n * classes, (n + 1) * classes);
    const largest = Math.max(...row);
    const powers = row.map((score) => Math.exp(score - largest));
    const sum = powers.reduce((one, other) => one + other, 0);
    loss += (Math.log(sum) + largest - row[labels[n]]) / count;
    powers.forEach((power, k) => {
      gradient[n * classes + k] = (power / sum - (k === labels[n] ? 1 : 0)) / count;
    });
  }
  return { loss, gradient };
}

const parameters = (network) => network.flatMap((layer) => [layer.w, layer.b]);
const gradients = (network) => network.flatMap((layer) => [layer.grad_w, layer.grad_b]);

// As SGD and Adam of helpers.training: step() changes the parameters of a network in place.
function sgd(learning_rate) {
  return {
    learning_rate,
    step(network) {
      const grads = gradients(network);
      parameters(network).forEach((parameter, k) => {
        for (let i = 0; i < parameter.length; i++) {
          parameter[i] -= this.learning_rate * grads[k][i];
        }
      });
    },
  };
}

function adam(learning_rate) {
  let means = null;
  let squares = null;
  let steps = 0;
  return {
    learning_rate,
    step(network) {
      const all = parameters(network);
      const grads = gradients(network);
      means ??= all.map((parameter) => new Float64Array(parameter.length));
      squares ??= all.map((parameter) => new Float64Array(parameter.length));
      steps += 1;
      const rate = this.learning_rate / (1 - 0.9 ** steps);
      const seen = Math.sqrt(1 - 0.999 ** steps);
      all.forEach((parameter, k) => {
        for (let i = 0; i < parameter.length; i++) {
          const grad = grads[k][i];
          means[k][i] += (1 - 0.9) * (grad - means[k][i]);
          squares[k][i] += (1 - 0.999) * (grad * grad - squares[k][i]);
          parameter[i] -= (rate * means[k][i]) / (Math.sqrt(squares[k][i]) / seen + 1e-8);
        }
      });
    },
  };
}

// helpers.units on one layer after forward(): for each unit, whether z <= 0 on the whole probe, and
// whether it is dead: off, and with a derivative of 0 everywhere.
function judge_units(layer, count) {
  const off = new Array(layer.fan_out).fill(true);
  const flat = new Array(layer.fan_out).fill(true);
  for (let n = 0; n < count; n++) {
    for (let j = 0; j < layer.fan_out; j++) {
      const z = layer.z[n * layer.fan_out + j];
      if (!(z <= 0)) off[j] = false;
      if (layer.activation.derivative(z) !== 0) flat[j] = false;
    }
  }
  return { always_off: off, dead: off.map((is, j) => is && flat[j]) };
}
