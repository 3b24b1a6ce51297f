"""FCN: a fully convolutional network over 29 s (K. Choi, G. Fazekas, M. Sandler, "Automatic tagging using deep convolutional neural
networks", ISMIR 2016), with the pooling of Won et al., "Evaluation of CNN-based automatic music tagging models", SMC 2020."""

from torch import Tensor, nn

from .layers import Answer, Convolved

WIDTHS = (64, 128, 128, 128, 64)
POOLS = ((2, 4), (2, 4), (2, 4), (3, 5), (4, 4))


class Fcn(nn.Module):
    """Levels `[n, 1, 96, 1813]`, normalised, to an answer."""

    def __init__(self, tags: int) -> None:
        super().__init__()
        widths = (1, *WIDTHS)
        self.layers = nn.Sequential(
            *(Convolved(given, width, pool) for given, width, pool in zip(widths[:-1], widths[1:], POOLS, strict=True))
        )
        self.dropout = nn.Dropout(0.5)
        self.tags = nn.Linear(WIDTHS[-1], tags)

    def forward(self, levels: Tensor) -> Answer:
        """Logits and embedding."""
        embedding = self.layers(levels).flatten(1)
        return self.tags(self.dropout(embedding)), embedding
