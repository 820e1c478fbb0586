//! A small model made by the tests: the published form of network with few cells and weights that look random.

/// Numbers that look random, the same ones every time (Knuth's constants).
pub(crate) struct Lcg(pub(crate) u64);

impl Lcg {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    pub(crate) fn values(&mut self, n: usize, least: i8) -> Vec<i8> {
        (0..n)
            .map(|_| ((self.next() % 256) as i64 - 128).max(i64::from(least)) as i8)
            .collect()
    }
}

pub(crate) const HEIGHT: i32 = 12;
pub(crate) const N_CLASSES: i32 = 7;
pub(crate) const NULL: i32 = 6;

/// Characters by unichar id: the space, the two special entries, then letters.
pub(crate) const CHARACTERS: [&str; 8] = [
    "NULL",
    "Joined",
    "|Broken|0|1",
    "a",
    "b",
    "가",
    "\u{5d0}",
    "x",
];
/// Codes by unichar id. `가` has two parts, `b` is also its beginning, `x` was left out of training.
pub(crate) const CODES: [&[i32]; 8] = [&[0], &[NULL], &[NULL], &[1], &[2], &[2, 3], &[4], &[NULL]];

fn put_u32(out: &mut Vec<u8>, value: usize) {
    out.extend((value as u32).to_le_bytes());
}

fn put_i32(out: &mut Vec<u8>, value: i32) {
    out.extend(value.to_le_bytes());
}

fn put_string(out: &mut Vec<u8>, text: &str) {
    put_u32(out, text.len());
    out.extend(text.bytes());
}

fn node(kind: &str, n_inputs: i32, n_outputs: i32, flags: i32, body: &[u8]) -> Vec<u8> {
    let mut out = vec![0];
    put_string(&mut out, kind);
    out.extend([0, 0]);
    for value in [flags, n_inputs, n_outputs, 0] {
        put_i32(&mut out, value);
    }
    put_string(&mut out, kind);
    out.extend(body);
    out
}

fn container(kind: &str, children: &[Vec<u8>]) -> Vec<u8> {
    let mut body = Vec::new();
    put_u32(&mut body, children.len());
    children.iter().for_each(|child| body.extend(child));
    // One learning rate per child, as the published files have them.
    put_u32(&mut body, children.len());
    children
        .iter()
        .for_each(|_| body.extend(0.001f32.to_le_bytes()));
    node(kind, 0, 0, 64, &body)
}

fn matrix(lcg: &mut Lcg, rows: i32, cols: i32) -> Vec<u8> {
    let mut out = vec![1 | 128];
    put_i32(&mut out, rows);
    put_i32(&mut out, cols);
    out.push(0);
    out.extend(
        lcg.values((rows * cols) as usize, -127)
            .into_iter()
            .map(i8::cast_unsigned),
    );
    put_i32(&mut out, rows);
    (0..rows).for_each(|_| out.extend((0.01 + (lcg.next() % 100) as f64 * 1e-4).to_le_bytes()));
    out
}

fn lstm(lcg: &mut Lcg, kind: &str, n_inputs: i32, n_cells: i32) -> Vec<u8> {
    let mut body = Vec::new();
    put_i32(&mut body, n_inputs + n_cells);
    (0..4).for_each(|_| body.extend(matrix(lcg, n_cells, n_inputs + n_cells + 1)));
    node(kind, n_inputs, n_cells, 0, &body)
}

pub(crate) fn network() -> Vec<u8> {
    let mut lcg = Lcg(3);
    let ints = |values: &[i32]| {
        values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect::<Vec<u8>>()
    };
    let conv = container(
        "Series",
        &[
            node("Convolve", 1, 9, 0, &ints(&[1, 1])),
            node("Tanh", 9, 16, 0, &matrix(&mut lcg, 16, 10)),
        ],
    );
    let layers = [
        node("Input", 1, 1, 0, &ints(&[1, HEIGHT, 0, 1, 0])),
        conv,
        node("Maxpool", 16, 16, 0, &ints(&[3, 3])),
        container("XYTranspose", &[lstm(&mut lcg, "SummLSTM", 16, 5)]),
        lstm(&mut lcg, "LSTM", 5, 6),
        container("RTLReversed", &[lstm(&mut lcg, "LSTM", 6, 7)]),
        lstm(&mut lcg, "LSTM", 7, 9),
        node("Softmax", 9, N_CLASSES, 0, &matrix(&mut lcg, N_CLASSES, 10)),
    ];
    let mut out = container("Series", &layers);
    put_string(&mut out, "[1,12,0,1 ...]");
    for value in [1 | 64, 1000, 1000, NULL] {
        put_i32(&mut out, value);
    }
    (0..3).for_each(|_| out.extend(0.5f32.to_le_bytes()));
    out
}

pub(crate) fn unicharset() -> Vec<u8> {
    let mut text = format!("{}\n", CHARACTERS.len());
    for character in CHARACTERS {
        text += &format!("{character} 3 0,255,0,255,0,0,0,0,0,0 Latin 0 0 0 {character}\n");
    }
    text.into_bytes()
}

pub(crate) fn recoder() -> Vec<u8> {
    let mut out = Vec::new();
    put_u32(&mut out, CODES.len());
    for code in CODES {
        out.push(1);
        put_u32(&mut out, code.len());
        code.iter().for_each(|part| put_i32(&mut out, *part));
    }
    out
}

/// A traineddata file of the given components.
pub(crate) fn traineddata(components: &[(usize, &[u8])]) -> Vec<u8> {
    let mut offsets = [-1i64; 24];
    let mut body = Vec::new();
    for (idx, component) in components {
        offsets[*idx] = (4 + 8 * offsets.len() + body.len()) as i64;
        body.extend_from_slice(component);
    }
    let mut out = Vec::new();
    put_u32(&mut out, offsets.len());
    offsets
        .iter()
        .for_each(|offset| out.extend(offset.to_le_bytes()));
    out.extend(body);
    out
}

/// A whole file: a configuration and a dictionary stand around what is read.
pub(crate) fn model() -> Vec<u8> {
    traineddata(&[
        (0, b"preserve_interword_spaces 1\n"),
        (17, &network()),
        (18, &[7; 500]),
        (21, &unicharset()),
        (22, &recoder()),
        (23, b"4.00.00alpha"),
    ])
}

/// A line of ink of some shape, 8 bit.
pub(crate) fn line(width: usize, height: usize) -> Vec<u8> {
    let mut lcg = Lcg(5);
    let mut pixels = vec![250u8; width * height];
    for x in (4..width - 6).step_by(7) {
        for y in height / 4 + (lcg.next() as usize % 4)..height - height / 4 {
            pixels[y * width + x..][..4].fill(20 + (lcg.next() % 40) as u8);
        }
    }
    pixels
}
