"""Writes the two networks of this folder: taggers as a user's own might be, small, by torch's exporter. Their weights are drawn, not learnt:
they are here to be read and run alike by two runtimes. In an environment of `cargo xtask models`:

    python tests/golden/taggers/make_networks.py
"""

from pathlib import Path

import torch
from torch import nn

HERE = Path(__file__).resolve().parent


class Waveform(nn.Module):
    """A second of samples at 16 kHz to four logits of which one is right, `[1, 4]`, and an embedding."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(1, 8, 64, 32), nn.ReLU(), nn.Conv1d(8, 16, 8, 4), nn.ReLU(), nn.Conv1d(16, 16, 8, 4), nn.ReLU()
        )
        self.tags = nn.Linear(32, 4)

    def forward(self, samples: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        found = self.layers(samples.unsqueeze(1))
        embedding = torch.cat([found.amax(dim=2), found.mean(dim=2)], dim=1)
        return 8 * self.tags(embedding), embedding


class Levels(nn.Module):
    """Frames of 64 levels, `[1, frames, 64]`, to six logits for every eighth frame, `[rows, 6]`, with a recurrent layer between."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(64, 24, 8, 8)
        self.recurrent = nn.LSTM(24, 16, batch_first=True)
        self.tags = nn.Linear(16, 6)

    def forward(self, levels: torch.Tensor) -> torch.Tensor:
        found = torch.relu(self.convolution(levels.transpose(1, 2)))
        return 6 * self.tags(self.recurrent(found.transpose(1, 2))[0]).flatten(0, 1)


def write(name: str, net: nn.Module, shape: tuple[int, ...], outputs: list[str]) -> None:
    file = HERE / name / "tagger" / "model.onnx"
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(net.eval(), (torch.zeros(shape),), str(file), input_names=["x"], output_names=outputs, opset_version=13)


def main() -> None:
    torch.manual_seed(15)
    write("waveform", Waveform(), (1, 16_000), ["logits", "embedding"])
    write("yamnet-like", Levels(), (1, 96, 64), ["logits"])


if __name__ == "__main__":
    main()
