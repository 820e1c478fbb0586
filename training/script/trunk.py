"""The first blocks of PP-OCRv6's tiny recogniser (Apache-2.0), cut out of its ONNX file: `python trunk.py RECOGNISER.onnx TRUNK.onnx`.

They have seen millions of text lines, which is why a small head on them learns scripts from far fewer.
"""
import sys

import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper, shape_inference
from onnx.utils import Extractor
from torch import nn

# The sum that ends the second stage: 96 channels, 2 rows of an input of 32, a column for every 4.
CUT_AT = "p2o.pd_op.add.23.0"
CHANNELS, ROWS = 96, 2
# The recogniser reads ink brighter than its ground when it is fed this scale and offset of a normalised crop.
SCALE, OFFSET = -0.8, 0.6


def cut(recogniser, out):
    model = onnx.load(recogniser)
    for dim, value in zip(model.graph.input[0].type.tensor_type.shape.dim, ("n", 3, "h", "w")):
        dim.Clear()
        if isinstance(value, int):
            dim.dim_value = value
        else:
            dim.dim_param = value
    del model.graph.value_info[:]
    part = Extractor(shape_inference.infer_shapes(model)).extract_model(["x"], [CUT_AT])
    onnx.save(part, out)
    print(len(part.graph.node), "operators,", sum(numpy_helper.to_array(i).size for i in part.graph.initializer), "weights")


class Trunk(nn.Module):
    """[N, 1, 32, W], dark ink positive -> [N, 96, 2, W/4]. Runs the operators of the ONNX file; weights can be trained, BatchNorms stand still."""

    def __init__(self, path):
        super().__init__()
        graph = onnx.load(path).graph
        values = {i.name: torch.tensor(numpy_helper.to_array(i).copy()) for i in graph.initializer}
        for node in graph.node:
            if node.op_type == "Constant":
                values[node.output[0]] = torch.tensor(numpy_helper.to_array(node.attribute[0].t).copy())
        self.nodes = [node for node in graph.node if node.op_type != "Constant"]
        statistics = {name for node in self.nodes if node.op_type == "BatchNormalization" for name in node.input[1:]}
        self.w, self.names, self.fixed, self.n_channels = nn.ParameterDict(), {}, {}, 3
        for name, value in values.items():
            if value.dtype == torch.float32 and value.numel() > 1 and name not in statistics:
                self.names[name] = name.replace(".", "_")
                self.w[self.names[name]] = nn.Parameter(value)
            else:
                self.fixed[name] = value

    def forward(self, x):
        x = x * SCALE + OFFSET
        known = {"x": x if self.n_channels == 1 else x.expand(-1, self.n_channels, -1, -1)}

        def get(name):
            return known[name] if name in known else self.w[self.names[name]] if name in self.names else self.fixed[name]

        for node in self.nodes:
            known[node.output[0]] = run(node, [get(name) for name in node.input])
        return known[self.nodes[-1].output[0]]


def run(node, x):
    attribute = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    match node.op_type:
        case "Conv":
            pads = attribute.get("pads", [0, 0, 0, 0])
            bias = x[2] if len(x) > 2 else None
            return F.conv2d(x[0], x[1], bias, attribute.get("strides", [1, 1]), (pads[0], pads[1]), groups=attribute.get("group", 1))
        case "BatchNormalization":
            return F.batch_norm(x[0], x[3], x[4], x[1], x[2], False, 0, attribute.get("epsilon", 1e-5))
        case "Identity":
            return x[0]
        case "Add":
            return x[0] + x[1]
        case "Mul":
            return x[0] * x[1]
        case "Div":
            return x[0] / x[1]
        case "Erf":
            return torch.erf(x[0])
        case "Relu":
            return torch.relu(x[0])
        case "ReduceMean":
            return x[0].mean((2, 3), keepdim=True)
        case "HardSigmoid":
            return torch.clamp(x[0] * attribute.get("alpha", 0.2) + attribute.get("beta", 0.5), 0, 1)
    raise NotImplementedError(node.op_type)


if __name__ == "__main__":
    cut(*sys.argv[1:])
