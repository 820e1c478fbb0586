//! Reads the `lstm` component: the network's layers with their int8 matrices, then the trainer's tail.
//!
//! All published models share one form, `[1,H,0,1 Ct3,3,16 Mp3,3 Lfys(S) Lfx(A) Lrx(A) Lfx(B) O1c]` in Tesseract's VGSL; this
//! module reads the tree that the file holds and lowers it to that form, or says what does not fit.

use crate::bytes::Bytes;
use crate::error::ModelError;

/// Layers lie in at most three containers; a file that nests deeper is hostile.
const MAX_DEPTH: usize = 8;
/// Largest height, width of a layer and number of classes accepted. The published ones have 48, 512 and 430.
const MAX_HEIGHT_PX: usize = 128;
const MAX_CELLS: usize = 1024;
const MAX_CLASSES: usize = 1 << 15;
/// Flags of `Network::training_flags` in Tesseract.
const TF_INT_MODE: i32 = 1;
const TF_COMPRESS_UNICHARSET: i32 = 64;
/// A layer with this flag keeps one learning rate per child.
const NF_LAYER_SPECIFIC_LR: i32 = 64;

/// An int8 matrix: output row = sum(q x input) x scale, the last column is the bias.
#[derive(Debug, Clone)]
pub(crate) struct Matrix {
    pub(crate) rows: usize,
    /// Columns with the bias.
    pub(crate) cols: usize,
    /// Row-major, rows x cols.
    pub(crate) values: Vec<i8>,
    /// One per row, at least 0.
    pub(crate) scales: Vec<f32>,
}

/// The gates in the order of the file: cell input, input gate, forget gate, output gate. Columns: input, recurrent, bias.
#[derive(Debug, Clone)]
pub(crate) struct Lstm {
    pub(crate) n_inputs: usize,
    pub(crate) n_cells: usize,
    pub(crate) gates: [Matrix; 4],
}

/// The one form of network that is read.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    pub(crate) height_px: usize,
    /// 3 x 3 convolution over one channel, x-major: column = kx * 3 + ky.
    pub(crate) conv: Matrix,
    /// Runs from top to bottom over each column, the last output stands for the column.
    pub(crate) vertical: Lstm,
    /// Horizontal layers with their direction: `true` runs from right to left.
    pub(crate) horizontal: Vec<(Lstm, bool)>,
    pub(crate) softmax: Matrix,
    /// The class that CTC uses as its blank.
    pub(crate) null_class: usize,
}

enum Node {
    Input { height: usize, depth: usize },
    Convolve { half_x: i32, half_y: i32 },
    Maxpool { x: i32, y: i32 },
    Series(Vec<Node>),
    Reversed(Vec<Node>),
    Transposed(Vec<Node>),
    Lstm(Lstm),
    SummLstm(Lstm),
    Tanh(Matrix),
    Softmax(Matrix),
}

pub(crate) fn parse(component: &[u8]) -> Result<Network, ModelError> {
    let mut bytes = Bytes::new(component, "the network");
    let root = node(&mut bytes, 0)?;
    bytes.string()?; // the network's specification as text
    let flags = bytes.i32()?;
    let (_training_iteration, _sample_iteration) = (bytes.i32()?, bytes.i32()?);
    let null_class = bytes.i32()?;
    let (_adam, _learning_rate, _momentum) = (bytes.f32()?, bytes.f32()?, bytes.f32()?);
    if !bytes.is_empty() {
        return Err(ModelError::damaged("bytes behind the network"));
    }
    if flags & TF_INT_MODE == 0 {
        return Err(ModelError::unsupported("its weights are not int8"));
    }
    if flags & TF_COMPRESS_UNICHARSET == 0 {
        return Err(ModelError::unsupported("it has no recoder"));
    }
    let null_class =
        usize::try_from(null_class).map_err(|_| ModelError::damaged("the null character"))?;
    lower(root, null_class)
}

fn node(bytes: &mut Bytes<'_>, depth: usize) -> Result<Node, ModelError> {
    if depth > MAX_DEPTH {
        return Err(ModelError::damaged("layers nested too deep"));
    }
    if bytes.u8()? != 0 {
        return Err(ModelError::damaged("a layer's type"));
    }
    let kind = bytes.string()?;
    let (_training, _needs_backprop) = (bytes.u8()?, bytes.u8()?);
    let flags = bytes.i32()?;
    let n_inputs = bytes.i32()?;
    let n_outputs = bytes.i32()?;
    let _n_weights = bytes.i32()?;
    bytes.string()?; // the layer's name
    Ok(match kind {
        b"Input" => {
            let (_batch, height, _width, depth, _loss) = (
                bytes.i32()?,
                bytes.i32()?,
                bytes.i32()?,
                bytes.i32()?,
                bytes.i32()?,
            );
            Node::Input {
                height: size(height, MAX_HEIGHT_PX)?,
                depth: size(depth, 4)?,
            }
        }
        b"Convolve" => Node::Convolve {
            half_x: bytes.i32()?,
            half_y: bytes.i32()?,
        },
        b"Maxpool" => Node::Maxpool {
            x: bytes.i32()?,
            y: bytes.i32()?,
        },
        b"Series" => Node::Series(children(bytes, flags, depth)?),
        b"RTLReversed" => Node::Reversed(children(bytes, flags, depth)?),
        b"XYTranspose" => Node::Transposed(children(bytes, flags, depth)?),
        b"LSTM" => Node::Lstm(lstm(bytes, n_inputs, n_outputs)?),
        b"SummLSTM" => Node::SummLstm(lstm(bytes, n_inputs, n_outputs)?),
        b"Tanh" => Node::Tanh(dense(bytes, n_inputs, n_outputs)?),
        b"Softmax" => Node::Softmax(dense(bytes, n_inputs, n_outputs)?),
        _ => return Err(ModelError::unsupported("an unknown kind of layer")),
    })
}

fn size(value: i32, most: usize) -> Result<usize, ModelError> {
    usize::try_from(value)
        .ok()
        .filter(|value| (1..=most).contains(value))
        .ok_or(ModelError::damaged("a layer's size"))
}

fn children(bytes: &mut Bytes<'_>, flags: i32, depth: usize) -> Result<Vec<Node>, ModelError> {
    // The shortest layer takes 27 bytes, so the count cannot make this loop or its vector large.
    let n_children = bytes.count(27)?;
    let mut nodes = Vec::new();
    for _ in 0..n_children {
        nodes.push(node(bytes, depth + 1)?);
    }
    if flags & NF_LAYER_SPECIFIC_LR != 0 {
        let n_rates = bytes.count(4)?;
        bytes.take(4 * n_rates)?;
    }
    Ok(nodes)
}

fn matrix(bytes: &mut Bytes<'_>, rows: usize, cols: usize) -> Result<Matrix, ModelError> {
    const INT8: u8 = 1;
    const DOUBLE: u8 = 128;
    let mode = bytes.u8()?;
    if mode & INT8 == 0 {
        return Err(ModelError::unsupported("its weights are not int8"));
    }
    if mode & DOUBLE == 0 {
        return Err(ModelError::unsupported("its scales are of an old format"));
    }
    if bytes.u32()? as usize != rows || bytes.u32()? as usize != cols {
        return Err(ModelError::damaged("a matrix does not fit its layer"));
    }
    bytes.u8()?; // the value of empty elements
    let values = bytes
        .take(rows * cols)?
        .iter()
        .map(|&byte| byte as i8)
        .collect();
    if bytes.count(8)? != rows {
        return Err(ModelError::damaged("the scales do not fit their matrix"));
    }
    let mut scales = Vec::with_capacity(rows);
    for _ in 0..rows {
        let scale = bytes.f64()? as f32;
        // Pooling before the activation relies on scales that keep the order.
        if !(scale.is_finite() && scale >= 0.0) {
            return Err(ModelError::damaged("a scale"));
        }
        scales.push(scale);
    }
    Ok(Matrix {
        rows,
        cols,
        values,
        scales,
    })
}

fn dense(bytes: &mut Bytes<'_>, n_inputs: i32, n_outputs: i32) -> Result<Matrix, ModelError> {
    let rows = size(n_outputs, MAX_CLASSES)?;
    let cols = size(n_inputs, MAX_CELLS)? + 1;
    matrix(bytes, rows, cols)
}

fn lstm(bytes: &mut Bytes<'_>, n_inputs: i32, n_outputs: i32) -> Result<Lstm, ModelError> {
    let n_inputs = size(n_inputs, MAX_CELLS)?;
    let n_cells = size(n_outputs, MAX_CELLS)?;
    if size(bytes.i32()?, 2 * MAX_CELLS)? != n_inputs + n_cells {
        return Err(ModelError::unsupported("an LSTM layer of another form"));
    }
    let mut gate = || matrix(bytes, n_cells, n_inputs + n_cells + 1);
    Ok(Lstm {
        n_inputs,
        n_cells,
        gates: [gate()?, gate()?, gate()?, gate()?],
    })
}

/// Brings the tree to the one form that the forward pass runs.
fn lower(root: Node, null_class: usize) -> Result<Network, ModelError> {
    let mut layers = Vec::new();
    flatten(root, &mut layers);
    let mut layers = layers.into_iter();
    let mut next = || {
        layers
            .next()
            .ok_or(ModelError::unsupported("it has too few layers"))
    };
    let Node::Input {
        height: height_px,
        depth: 1,
    } = next()?
    else {
        return Err(ModelError::unsupported(
            "its input is not one grey channel of fixed height",
        ));
    };
    let Node::Convolve {
        half_x: 1,
        half_y: 1,
    } = next()?
    else {
        return Err(ModelError::unsupported(
            "it does not begin with a 3 x 3 convolution",
        ));
    };
    let Node::Tanh(conv) = next()? else {
        return Err(ModelError::unsupported("its convolution has no tanh"));
    };
    let Node::Maxpool { x: 3, y: 3 } = next()? else {
        return Err(ModelError::unsupported("it does not pool by 3 x 3"));
    };
    let Node::Transposed(column) = next()? else {
        return Err(ModelError::unsupported("it does not sum up columns"));
    };
    let [Node::SummLstm(vertical)] = <[Node; 1]>::try_from(column)
        .map_err(|_| ModelError::unsupported("it does not sum up columns"))?
    else {
        return Err(ModelError::unsupported("it does not sum up columns"));
    };
    if conv.cols != 10
        || !height_px.is_multiple_of(3)
        || vertical.n_inputs != conv.rows
        || conv.rows > 64
    {
        return Err(ModelError::unsupported("the sizes of its first layers"));
    }
    let mut width = vertical.n_cells;
    let mut horizontal = Vec::new();
    let softmax = loop {
        let (layer, reversed) = match next()? {
            Node::Lstm(layer) => (layer, false),
            Node::Reversed(inner) => match <[Node; 1]>::try_from(inner) {
                Ok([Node::Lstm(layer)]) => (layer, true),
                _ => return Err(ModelError::unsupported("a reversed layer that is no LSTM")),
            },
            Node::Softmax(matrix) => break matrix,
            _ => {
                return Err(ModelError::unsupported(
                    "a layer behind the columns that is no LSTM",
                ));
            }
        };
        if layer.n_inputs != width {
            return Err(ModelError::damaged("two layers do not fit each other"));
        }
        width = layer.n_cells;
        horizontal.push((layer, reversed));
    };
    if layers.next().is_some() || softmax.cols != width + 1 {
        return Err(ModelError::unsupported("its last layers"));
    }
    if null_class >= softmax.rows {
        return Err(ModelError::damaged("the null character"));
    }
    Ok(Network {
        height_px,
        conv,
        vertical,
        horizontal,
        softmax,
        null_class,
    })
}

fn flatten(node: Node, layers: &mut Vec<Node>) {
    match node {
        Node::Series(nodes) => nodes.into_iter().for_each(|node| flatten(node, layers)),
        node => layers.push(node),
    }
}
