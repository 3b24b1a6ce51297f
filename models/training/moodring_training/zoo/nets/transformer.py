"""Music tagging Transformer: few convolutions, and a Transformer's encoder behind them (M. Won, K. Choi, X. Serra, "Semi-supervised music
tagging Transformer", ISMIR 2021)."""

from torch import Tensor, nn

from .layers import Answer, Convolved, Encoder

CHANNELS, WIDTH = 128, 256
"""As the paper has them; a zoo's network has a share of them."""
POOLS = ((2, 2), (2, 2), (2, 2))
LAYERS, HEADS = 4, 8


class TaggingTransformer(nn.Module):
    """Levels `[n, 1, 128, 469]`, normalised, to an answer."""

    def __init__(self, tags: int, share: float, bands: int, frames: int) -> None:
        super().__init__()
        channels, width = max(16, round(share * CHANNELS)), max(64, round(share * WIDTH) // HEADS * HEADS)
        widths = (1, channels, channels, channels)
        self.layers = nn.Sequential(
            *(Convolved(given, one, pool) for given, one, pool in zip(widths[:-1], widths[1:], POOLS, strict=True))
        )
        rows, steps = bands, frames
        for down, across in POOLS:
            rows, steps = rows // down, steps // across
        self.narrowed = nn.Linear(channels * rows, width)
        self.encoder = Encoder(steps, width, LAYERS, HEADS)
        self.dropout = nn.Dropout(0.1)
        self.tags = nn.Linear(width, tags)

    def forward(self, levels: Tensor) -> Answer:
        """Logits and embedding."""
        steps = self.layers(levels).permute(0, 3, 1, 2).flatten(2)
        embedding = self.encoder(self.narrowed(steps))
        return self.tags(self.dropout(embedding)), embedding
