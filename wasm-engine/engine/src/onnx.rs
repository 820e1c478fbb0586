//! Cutting ONNX files: the part of a graph in front of one of its values, and single weights.
//!
//! A loop in a graph costs the inference library twenty operators and runs slowly; what stands in front of it does not. Reads just enough
//! of the format (protobuf wire format; onnx.proto3, IR version 3 and later) to leave nodes out; everything kept is kept byte for byte.

use std::collections::{BTreeMap, BTreeSet};

/// Field numbers of `ModelProto`, `GraphProto`, `NodeProto`, `TensorProto` and `ValueInfoProto`.
mod field {
    pub(super) const MODEL_GRAPH: u64 = 7;
    pub(super) const GRAPH_NODE: u64 = 1;
    pub(super) const GRAPH_INITIALIZER: u64 = 5;
    pub(super) const GRAPH_OUTPUT: u64 = 12;
    pub(super) const GRAPH_VALUE_INFO: u64 = 13;
    pub(super) const NODE_INPUT: u64 = 1;
    pub(super) const NODE_OUTPUT: u64 = 2;
    pub(super) const NODE_ATTRIBUTE: u64 = 5;
    pub(super) const ATTRIBUTE_TENSOR: u64 = 5;
    pub(super) const TENSOR_DIMS: u64 = 1;
    pub(super) const TENSOR_FLOAT_DATA: u64 = 4;
    pub(super) const TENSOR_NAME: u64 = 8;
    pub(super) const TENSOR_RAW_DATA: u64 = 9;
    pub(super) const VALUE_INFO_NAME: u64 = 1;
}

/// A weight of a graph: `values` in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weight {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

/// One field of a message: its number, its value, and both as they stand in the file.
struct Field<'a> {
    number: u64,
    value: Value<'a>,
    bytes: &'a [u8],
}

enum Value<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    /// Fixed 32 or 64 bits, which nothing here reads.
    Fixed,
}

/// The part of the model `bytes` that is needed for `output`, a value inside its graph, which becomes the only output. `None` when the
/// bytes are no ONNX model or have no such value.
pub(crate) fn cut(bytes: &[u8], output: &str) -> Option<Vec<u8>> {
    let graph = graph(bytes)?;
    let mut producers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut nodes: Vec<(Vec<&str>, &[u8])> = Vec::new();
    for field in fields(graph)? {
        if let (field::GRAPH_NODE, Value::Bytes(node)) = (field.number, &field.value) {
            let parts = fields(node)?;
            let names = |number: u64| {
                parts.iter().filter_map(move |part| match part.value {
                    Value::Bytes(name) if part.number == number => std::str::from_utf8(name).ok(),
                    _ => None,
                })
            };
            for name in names(field::NODE_OUTPUT) {
                producers.insert(name, nodes.len());
            }
            nodes.push((names(field::NODE_INPUT).collect(), field.bytes));
        }
    }
    let mut needed_values: BTreeSet<&str> = BTreeSet::new();
    let mut needed_nodes: BTreeSet<usize> = BTreeSet::new();
    let mut open = vec![*producers.get_key_value(output)?.0];
    while let Some(name) = open.pop() {
        if !needed_values.insert(name) {
            continue;
        }
        if let Some(&node) = producers.get(name)
            && needed_nodes.insert(node)
        {
            open.extend(&nodes[node].0);
        }
    }
    let mut cut_graph = Vec::with_capacity(graph.len());
    // Nodes keep their order, which is topological.
    for &node in &needed_nodes {
        cut_graph.extend_from_slice(nodes[node].1);
    }
    for field in fields(graph)? {
        let is_kept = match (field.number, &field.value) {
            (field::GRAPH_NODE | field::GRAPH_OUTPUT | field::GRAPH_VALUE_INFO, _) => false,
            (field::GRAPH_INITIALIZER, Value::Bytes(tensor)) => {
                name_of(tensor, field::TENSOR_NAME).is_some_and(|name| needed_values.contains(name))
            }
            _ => true,
        };
        if is_kept {
            cut_graph.extend_from_slice(field.bytes);
        }
    }
    let mut value_info = Vec::new();
    push_bytes(&mut value_info, field::VALUE_INFO_NAME, output.as_bytes());
    push_bytes(&mut cut_graph, field::GRAPH_OUTPUT, &value_info);
    let mut model = Vec::with_capacity(cut_graph.len() + 64);
    for field in fields(bytes)? {
        if field.number != field::MODEL_GRAPH {
            model.extend_from_slice(field.bytes);
        }
    }
    push_bytes(&mut model, field::MODEL_GRAPH, &cut_graph);
    Some(model)
}

/// The weights of the model `bytes` that are called `names`, in that order, be they initializers or constant nodes; `None` when one is missing
/// or does not hold 32-bit floats.
pub(crate) fn weights(bytes: &[u8], names: &[&str]) -> Option<Vec<Weight>> {
    let mut tensors: BTreeMap<&str, &[u8]> = BTreeMap::new();
    for field in fields(graph(bytes)?)? {
        let named = match (field.number, &field.value) {
            (field::GRAPH_INITIALIZER, Value::Bytes(tensor)) => {
                name_of(tensor, field::TENSOR_NAME).map(|name| (name, *tensor))
            }
            (field::GRAPH_NODE, Value::Bytes(node)) => {
                name_of(node, field::NODE_OUTPUT).zip(constant(node))
            }
            _ => None,
        };
        tensors.extend(named);
    }
    names
        .iter()
        .map(|name| weight(tensors.get(name)?))
        .collect()
}

/// The tensor among the attributes of a node.
fn constant(node: &[u8]) -> Option<&[u8]> {
    fields(node)?.into_iter().find_map(|part| match part.value {
        Value::Bytes(attribute) if part.number == field::NODE_ATTRIBUTE => fields(attribute)?
            .into_iter()
            .find_map(|part| match part.value {
                Value::Bytes(tensor) if part.number == field::ATTRIBUTE_TENSOR => Some(tensor),
                _ => None,
            }),
        _ => None,
    })
}

fn weight(tensor: &[u8]) -> Option<Weight> {
    let mut shape = Vec::new();
    let mut values = Vec::new();
    for part in fields(tensor)? {
        match (part.number, part.value) {
            (field::TENSOR_DIMS, Value::Varint(dim)) => shape.push(usize::try_from(dim).ok()?),
            (field::TENSOR_DIMS, Value::Bytes(mut packed)) => {
                while !packed.is_empty() {
                    shape.push(usize::try_from(varint(&mut packed)?).ok()?);
                }
            }
            (field::TENSOR_RAW_DATA | field::TENSOR_FLOAT_DATA, Value::Bytes(data)) => {
                let floats = data.chunks_exact(4);
                values = floats
                    .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                    .collect();
            }
            _ => {}
        }
    }
    let n_values = shape
        .iter()
        .try_fold(1_usize, |n, &dim| n.checked_mul(dim))?;
    (n_values == values.len()).then_some(Weight { shape, values })
}

fn graph(model: &[u8]) -> Option<&[u8]> {
    fields(model)?
        .into_iter()
        .find_map(|field| match field.value {
            Value::Bytes(bytes) if field.number == field::MODEL_GRAPH => Some(bytes),
            _ => None,
        })
}

fn name_of(message: &[u8], number: u64) -> Option<&str> {
    fields(message)?
        .into_iter()
        .find_map(|field| match field.value {
            Value::Bytes(name) if field.number == number => std::str::from_utf8(name).ok(),
            _ => None,
        })
}

/// The fields of a message in order; `None` when it is damaged.
fn fields(message: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut rest = message;
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let start = rest;
        let tag = varint(&mut rest)?;
        let value = match tag & 7 {
            0 => Value::Varint(varint(&mut rest)?),
            1 => {
                rest = rest.get(8..)?;
                Value::Fixed
            }
            2 => {
                let n_bytes = usize::try_from(varint(&mut rest)?).ok()?;
                let (bytes, after) = rest.split_at_checked(n_bytes)?;
                rest = after;
                Value::Bytes(bytes)
            }
            5 => {
                rest = rest.get(4..)?;
                Value::Fixed
            }
            _ => return None,
        };
        fields.push(Field {
            number: tag >> 3,
            value,
            bytes: &start[..start.len() - rest.len()],
        });
    }
    Some(fields)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn push_bytes(out: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    push_varint(out, number << 3 | 2);
    push_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn push_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn node(inputs: &[&str], output: &str, op: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        for input in inputs {
            push_bytes(&mut bytes, field::NODE_INPUT, input.as_bytes());
        }
        push_bytes(&mut bytes, field::NODE_OUTPUT, output.as_bytes());
        push_bytes(&mut bytes, 4, op.as_bytes());
        bytes
    }

    fn tensor(name: &str, shape: &[u8], values: &[f32]) -> Vec<u8> {
        let mut bytes = Vec::new();
        push_bytes(&mut bytes, field::TENSOR_DIMS, shape);
        push_bytes(&mut bytes, field::TENSOR_NAME, name.as_bytes());
        let raw: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        push_bytes(&mut bytes, field::TENSOR_RAW_DATA, &raw);
        bytes
    }

    fn constant_node(output: &str, tensor: &[u8]) -> Vec<u8> {
        let mut attribute = Vec::new();
        push_bytes(&mut attribute, field::ATTRIBUTE_TENSOR, tensor);
        let mut bytes = node(&[], output, "Constant");
        push_bytes(&mut bytes, field::NODE_ATTRIBUTE, &attribute);
        bytes
    }

    fn model() -> Vec<u8> {
        let mut graph = Vec::new();
        for node in [
            node(&["x", "w"], "a", "Mul"),
            node(&["x"], "unused", "Relu"),
            node(&["a"], "b", "Relu"),
            node(&["b", "v"], "c", "Loop"),
            constant_node("k", &tensor("", &[1], &[7.0])),
        ] {
            push_bytes(&mut graph, field::GRAPH_NODE, &node);
        }
        for tensor in [tensor("w", &[2], &[1.0, 2.0]), tensor("v", &[1, 1], &[3.5])] {
            push_bytes(&mut graph, field::GRAPH_INITIALIZER, &tensor);
        }
        let mut info = Vec::new();
        push_bytes(&mut info, field::VALUE_INFO_NAME, b"c");
        push_bytes(&mut graph, field::GRAPH_OUTPUT, &info);
        let mut model = vec![8, 7]; // ir_version
        push_bytes(&mut model, field::MODEL_GRAPH, &graph);
        model
    }

    #[test]
    fn what_an_output_does_not_need_is_left_out() {
        let model = model();
        let cut = cut(&model, "b").unwrap();
        let graph = graph(&cut).unwrap();
        let ops: Vec<&str> = fields(graph)
            .unwrap()
            .iter()
            .filter_map(|field| match field.value {
                Value::Bytes(node) if field.number == field::GRAPH_NODE => name_of(node, 4),
                _ => None,
            })
            .collect();
        assert_eq!(ops, ["Mul", "Relu"]);
        assert!(weights(&cut, &["w"]).is_some());
        assert!(weights(&cut, &["v"]).is_none(), "only the loop needed it");
        assert!(super::cut(&model, "nothing").is_none());
        assert!(super::cut(b"no model", "b").is_none());
    }

    #[test]
    fn weights_come_with_their_shapes() {
        let read = weights(&model(), &["v", "w", "k"]).unwrap();
        assert_eq!(read[0].shape, [1, 1]);
        assert_eq!(read[1].values, [1.0, 2.0]);
        assert_eq!(read[2].values, [7.0]);
    }
}
