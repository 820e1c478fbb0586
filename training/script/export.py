"""Writes the ONNX file and the class list: `python export.py WEIGHTS.pt OUT.onnx`. BatchNorm is folded into the convolutions."""
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch.nn.utils.fusion import fuse_conv_bn_eval

from classes import CLASSES
from model import ScriptNet

OUTPUTS = ["columns", "attention", "script", "orientation", "polarity"]


def fold(module):
    for name, child in list(module.named_children()):
        fold(child)
        if isinstance(child, torch.nn.Sequential):
            layers = list(child)
            for i in range(len(layers) - 1):
                if isinstance(layers[i], torch.nn.Conv2d) and isinstance(layers[i + 1], torch.nn.BatchNorm2d):
                    child[i], child[i + 1] = fuse_conv_bn_eval(layers[i], layers[i + 1]), torch.nn.Identity()
    return module


def main(weights, out):
    net = ScriptNet()
    net.load_state_dict(torch.load(weights))
    net.eval()
    x = torch.randn(2, 1, 32, 240)
    with torch.no_grad():
        before = net(x)
        fold(net)
        axes = {"image": {0: "n", 3: "width"}, "columns": {0: "n", 2: "columns"}, "attention": {0: "n", 1: "columns"}}
        axes |= {k: {0: "n"} for k in OUTPUTS[2:]}
        torch.onnx.export(net, x, out, input_names=["image"], output_names=OUTPUTS, dynamic_axes=axes, opset_version=13, dynamo=False)
    model = onnx.load(out)
    model.doc_string = "OCR.chat script classifier, Apache-2.0"
    onnx.save(model, out)
    Path(out).with_suffix(".classes.txt").write_text("\n".join(CLASSES) + "\n")
    session = onnxruntime.InferenceSession(out, providers=["CPUExecutionProvider"])
    for a, b in zip(before, session.run(None, {"image": x.numpy()})):
        assert np.abs(a.numpy() - b).max() < 2e-3, np.abs(a.numpy() - b).max()
    print(Path(out).stat().st_size, "bytes; operators:", sorted({n.op_type for n in model.graph.node}))


if __name__ == "__main__":
    main(*sys.argv[1:])
