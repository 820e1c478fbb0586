"""Writes the ONNX file and the class list: `python export.py TRUNK.onnx WEIGHTS.pt OUT.onnx`.

BatchNorm is folded into the convolutions; weights are kept as 8-bit integers with a scale for each output channel (Cast, then
Mul, which a runtime folds into constants when it loads the file), but for those of the answers.
"""
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch.nn.utils.fusion import fuse_conv_bn_eval

from classes import CLASSES
from model import ScriptNet

OUTPUTS = ["columns", "attention", "script", "orientation", "polarity"]
N_MIN_QUANTISED = 256
N_MOST_ANSWERS = 34


def fold(module):
    for name, child in list(module.named_children()):
        fold(child)
        if isinstance(child, torch.nn.Sequential):
            layers = list(child)
            for i in range(len(layers) - 1):
                if isinstance(layers[i], torch.nn.Conv2d) and isinstance(layers[i + 1], torch.nn.BatchNorm2d):
                    child[i], child[i + 1] = fuse_conv_bn_eval(layers[i], layers[i + 1]), torch.nn.Identity()
    return module


def one_channel(net):
    """The first convolution sees the same picture three times: its weights are summed instead."""
    first = net.trunk.nodes[0]
    name = net.trunk.names[first.input[1]]
    net.trunk.w[name] = torch.nn.Parameter(net.trunk.w[name].sum(1, keepdim=True))
    net.trunk.n_channels = 1


def quantise(graph):
    nodes, kept = [], []
    convolutions = {node.input[1] for node in graph.node if node.op_type == "Conv"}
    for tensor in graph.initializer:
        weights = numpy_helper.to_array(tensor)
        if tensor.name not in convolutions or weights.size < N_MIN_QUANTISED or len(weights) <= N_MOST_ANSWERS:
            kept.append(tensor)
            continue
        scale = np.abs(weights).max((1, 2, 3), keepdims=True) / 127
        scale[scale == 0] = 1
        whole = np.clip(np.round(weights / scale), -127, 127).astype(np.int8)
        kept += [numpy_helper.from_array(whole, tensor.name + ".q"), numpy_helper.from_array(scale.astype(np.float32), tensor.name + ".s")]
        nodes.append(helper.make_node("Cast", [tensor.name + ".q"], [tensor.name + ".f"], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [tensor.name + ".f", tensor.name + ".s"], [tensor.name]))
    nodes += list(graph.node)
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)


def main(trunk, weights, out):
    net = ScriptNet(trunk)
    net.load_state_dict(torch.load(weights))
    net.eval()
    x = torch.randn(2, 1, 32, 240)
    with torch.no_grad():
        before = net(x)
        fold(net)
        one_channel(net)
        axes = {"image": {0: "n", 3: "width"}, "columns": {0: "n", 2: "columns"}, "attention": {0: "n", 1: "columns"}}
        axes |= {k: {0: "n"} for k in OUTPUTS[2:]}
        torch.onnx.export(net, x, out, input_names=["image"], output_names=OUTPUTS, dynamic_axes=axes, opset_version=13, dynamo=False)
    session = onnxruntime.InferenceSession(out, providers=["CPUExecutionProvider"])
    print("float:", [float(np.abs(a.numpy() - b).max()) for a, b in zip(before, session.run(None, {"image": x.numpy()}))])
    model = onnx.load(out)
    quantise(model.graph)
    model.doc_string = "OCR.chat script classifier, Apache-2.0; trunk from PaddleOCR's PP-OCRv6 tiny recogniser, Apache-2.0"
    onnx.save(model, out)
    Path(out).with_suffix(".classes.txt").write_text("\n".join(CLASSES) + "\n")
    session = onnxruntime.InferenceSession(out, providers=["CPUExecutionProvider"])
    print("8 bits:", [float(np.abs(a.numpy() - b).max()) for a, b in zip(before, session.run(None, {"image": x.numpy()}))])
    print(Path(out).stat().st_size, "bytes; operators:", sorted({n.op_type for n in model.graph.node}))


if __name__ == "__main__":
    main(*sys.argv[1:])
