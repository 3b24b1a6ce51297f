"""CRNN: convolutions, and a recurrent network over what they give (K. Choi, G. Fazekas, M. Sandler, K. Cho, "Convolutional recurrent
neural networks for music classification", ICASSP 2017)."""

from torch import Tensor, nn

from .layers import Answer, Convolved

WIDTHS = (64, 128, 128, 128)
POOLS = ((2, 2), (3, 3), (4, 4), (4, 4))
HIDDEN = 32


class Crnn(nn.Module):
    """Levels `[n, 1, 96, 1813]`, normalised, to an answer: the state behind the last of 18 steps."""

    def __init__(self, tags: int) -> None:
        super().__init__()
        widths = (1, *WIDTHS)
        self.layers = nn.Sequential(
            *(Convolved(given, width, pool) for given, width, pool in zip(widths[:-1], widths[1:], POOLS, strict=True))
        )
        self.recurrent = nn.GRU(WIDTHS[-1], HIDDEN, 2, batch_first=True)
        self.dropout = nn.Dropout(0.5)
        self.tags = nn.Linear(HIDDEN, tags)

    def forward(self, levels: Tensor) -> Answer:
        """Logits and embedding."""
        steps = self.layers(levels).squeeze(2).transpose(1, 2)
        embedding = self.recurrent(steps)[0][:, -1]
        return self.tags(self.dropout(embedding)), embedding
