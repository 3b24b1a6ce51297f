"""Short-chunk CNN, and the same with residual connections: small kernels over 3.7 s, pooled over all of it in the end (M. Won, A. Ferraro,
D. Bogdanov, X. Serra, "Evaluation of CNN-based automatic music tagging models", SMC 2020)."""

from torch import Tensor, nn

from .layers import Answer, Convolved, Head, Residual

WIDTHS = (128, 128, 256, 256, 256, 256, 512)
"""As the paper has them; a zoo's network has a share of them."""


class ShortChunk(nn.Module):
    """Levels `[n, 1, 128, 231]`, normalised, to an answer."""

    def __init__(self, tags: int, share: float, residual: bool = False) -> None:
        super().__init__()
        widths = [1, *(max(16, round(share * width)) for width in WIDTHS)]
        pairs = list(zip(widths[:-1], widths[1:], strict=True))
        layers = [Residual(*pair) if residual else Convolved(*pair, (2, 2)) for pair in pairs]
        self.layers = nn.Sequential(*layers)
        self.head = Head(widths[-1], widths[-1], tags)

    def forward(self, levels: Tensor) -> Answer:
        """Logits and embedding."""
        return self.head(self.layers(levels).amax(dim=(2, 3)))
