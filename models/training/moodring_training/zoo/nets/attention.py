"""CNNSA: convolutions, and self-attention over what they give (M. Won, S. Chun, X. Serra, "Toward interpretable music tagging with
self-attention", arXiv 1906.04972, 2019)."""

from torch import Tensor, nn

from .layers import Answer, Encoder, Residual

WIDTHS = (128, 128, 256, 256, 256, 256, 512)
"""Of the residual layers; a zoo's network has a share of them."""
STRIDES = ((2, 2), (2, 2), (2, 2), (2, 2), (2, 1), (2, 1), (2, 1))
"""In the end there is one row, and 59 columns are left of 15 s."""
LAYERS, HEADS = 2, 8


class SelfAttention(nn.Module):
    """Levels `[n, 1, 128, 938]`, normalised, to an answer."""

    def __init__(self, tags: int, share: float, frames: int) -> None:
        super().__init__()
        widths = [1, *(max(16, round(share * width)) for width in WIDTHS)]
        self.layers = nn.Sequential(
            *(
                Residual(given, width, stride)
                for given, width, stride in zip(widths[:-1], widths[1:], STRIDES, strict=True)
            )
        )
        steps = frames
        for _, stride in STRIDES:
            steps = -(-steps // stride)
        self.encoder = Encoder(steps, widths[-1], LAYERS, HEADS)
        self.dropout = nn.Dropout(0.5)
        self.tags = nn.Linear(widths[-1], tags)

    def forward(self, levels: Tensor) -> Answer:
        """Logits and embedding."""
        embedding = self.encoder(self.layers(levels).squeeze(2).transpose(1, 2))
        return self.tags(self.dropout(embedding)), embedding
