//! Where an autocorrelation has its peaks, between its lags.

/// The top of what three values lie on, around the one in the middle.
pub(super) struct Maximum {
    /// How far behind it that is, in their distance.
    pub aside: f32,
    pub peak: f32,
}

/// That of a parabola.
pub(super) fn parabola(left: f32, middle: f32, right: f32) -> Maximum {
    let aside = 0.5 * (left - right) / (left - 2.0 * middle + right);
    Maximum {
        aside,
        peak: middle - 0.25 * (left - right) * aside,
    }
}

/// That of a cosine, which the autocorrelation of a high pitch nearly is, of few values a period.
pub(super) fn cosine(left: f32, middle: f32, right: f32) -> Maximum {
    let step = (0.5 * (left + right) / middle).clamp(-0.99, 0.999).acos();
    let angle = (0.5 * (right - left)).atan2(middle * step.sin());
    Maximum {
        aside: angle / step,
        peak: middle / angle.cos(),
    }
}

/// How periodic a peak of an autocorrelation tells a sound to be: one above 1 comes of a window that is shorter than the period wants.
pub(super) fn strength(peak: f32) -> f32 {
    if peak > 1.0 { 1.0 / peak } else { peak }
}
