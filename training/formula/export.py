"""`python export.py MODEL.pt FOLDER`: writes encoder.onnx, decoder.onnx and tokens.txt, which `OCR_CHAT_FORMULA_MODEL=FOLDER` takes.

BatchNorm is folded into the convolutions. The graphs are written here operator by operator, so that what a runtime needs is known: Conv, Relu, Reshape, Transpose, MatMul, Add,
Mul, Softmax, LayerNormalization, Gather, Slice, Shape, Concat. Of the decoder, inputs are `tokens` int32 [1, T] and `memory` [1, S, D], the output `logits` [1, n_tokens] of the next token.
"""
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from evaluate import load
from torch.nn.utils.fusion import fuse_conv_bn_eval

OPSET = 17


class Graph:
    """A graph that is written node by node."""

    def __init__(self):
        self.nodes, self.weights, self.n = [], [], 0

    def constant(self, values, kind=np.float32):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(np.asarray(values, kind)), name))
        return name

    def __call__(self, operator, *inputs, **attributes):
        self.n += 1
        name = attributes.pop("to", None) or f"x{self.n}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def linear(self, x, layer, factor=1.0):
        product = self("MatMul", x, self.constant(layer.weight.detach().numpy().T * factor))
        return self("Add", product, self.constant(layer.bias.detach().numpy() * factor))

    def normed(self, x, norm):
        return self("LayerNormalization", x, self.constant(norm.weight.detach().numpy()), self.constant(norm.bias.detach().numpy()), axis=-1, epsilon=norm.eps)

    def shape(self, *sides):
        return self.constant(sides, np.int64)

    def attention(self, attention, x, memory, mask=None):
        heads = self.shape(1, -1, attention.n_heads, attention.part)

        def parted(source, layer, order, factor=1.0):
            return self("Transpose", self("Reshape", self.linear(source, layer, factor), heads), perm=order)

        # The scale of the scores is in the query's weights.
        query = parted(x, attention.query, [0, 2, 1, 3], attention.part ** -.5)
        key = parted(memory, attention.key, [0, 2, 3, 1])
        value = parted(memory, attention.value, [0, 2, 1, 3])
        scores = self("MatMul", query, key)
        if mask:
            scores = self("Add", scores, mask)
        mixed = self("Transpose", self("MatMul", self("Softmax", scores, axis=-1), value), perm=[0, 2, 1, 3])
        whole = self("Reshape", mixed, self.shape(1, -1, attention.n_heads * attention.part))
        return self.linear(whole, attention.out)

    def save(self, path, inputs, outputs):
        graph = helper.make_graph(self.nodes, Path(path).stem, inputs, outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="ocr-chat training/formula", ir_version=9)
        onnx.checker.check_model(model)
        onnx.save(model, path)
        print(path, Path(path).stat().st_size, "bytes")


def encoder(net, path):
    config, graph = net.config, Graph()
    x, layers, at = "picture", list(net.encoder.convolutions), 0
    while at < len(layers):
        fused = fuse_conv_bn_eval(layers[at], layers[at + 1])
        x = graph("Conv", x, graph.constant(fused.weight.detach().numpy()), graph.constant(fused.bias.detach().numpy()),
                  kernel_shape=[3, 3], strides=list(fused.stride), pads=[1, 1, 1, 1])
        x, at = graph("Relu", x), at + 3
    channels, n_places = config.channels[-1], net.encoder.positions.shape[1]
    x = graph("Transpose", graph("Reshape", x, graph.shape(1, channels, n_places)), perm=[0, 2, 1])
    x = graph("Add", graph.linear(x, net.encoder.project), graph.constant(net.encoder.positions.detach().numpy()))
    norm = net.encoder.norm
    graph("LayerNormalization", x, graph.constant(norm.weight.detach().numpy()), graph.constant(norm.bias.detach().numpy()), axis=-1, epsilon=norm.eps, to="memory")
    graph.save(path, [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 1, config.height_px, config.width_px])],
               [helper.make_tensor_value_info("memory", TensorProto.FLOAT, [1, n_places, config.width])])


def decoder(net, path):
    config, graph = net.config, Graph()
    part = net.decoder
    zero, one, two = (graph.shape(n) for n in (0, 1, 2))
    length = graph("Slice", graph("Shape", "tokens"), one, two)
    embedding = part.embedding.weight.detach().numpy()
    x = graph("Gather", graph.constant(embedding), "tokens", axis=0)
    positions = graph("Slice", graph.constant(part.positions.detach().numpy()), zero, length, zero)
    x = graph("Add", x, positions)
    corner = graph("Concat", length, length, axis=0)
    mask = graph("Slice", graph.constant(part.mask.numpy()), graph.shape(0, 0), corner, graph.shape(0, 1))
    for layer in part.layers:
        own = graph.normed(x, layer.norms[0])
        x = graph("Add", x, graph.attention(layer.own, own, own, mask))
        x = graph("Add", x, graph.attention(layer.other, graph.normed(x, layer.norms[1]), "memory"))
        inner = graph("Relu", graph.linear(graph.normed(x, layer.norms[2]), layer.inner[0]))
        x = graph("Add", x, graph.linear(inner, layer.inner[2]))
    last = graph("Slice", x, graph.shape(-1), graph.shape(2 ** 31), one)
    last = graph("Reshape", graph.normed(last, part.norm), graph.shape(1, config.width))
    graph("MatMul", last, graph.constant(embedding.T), to="logits")
    n_tokens = len(embedding)
    graph.save(path, [helper.make_tensor_value_info("tokens", TensorProto.INT32, [1, "n_written"]),
                      helper.make_tensor_value_info("memory", TensorProto.FLOAT, [1, "n_places", config.width])],
               [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, n_tokens])])


def main(path, folder):
    net, words = load(path)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    encoder(net, str(folder / "encoder.onnx"))
    decoder(net, str(folder / "decoder.onnx"))
    (folder / "tokens.txt").write_text("\n".join(words) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
