//! How long a frame has to wait for its curve, by the blocks that a host processes.

/// The blocks of a host, as it has announced them.
///
/// A frame is sent to the network in the block that it ends in, and its curve is used in a later one. A host may call for all blocks at the very
/// moment at which they can be had, so that from one call to the next there is just the time that a block lasts. The network is thus given as many
/// whole blocks as its own time takes, and at least one; so does anira reckon what an inference adds to the latency (Ackva and Schulz, "ANIRA: An
/// Architecture for Neural Network Inference in Real-Time Audio Applications", IS2 2024).
///
/// ```
/// use moodring::dsp::HostBlocks;
///
/// // A hop of 512 samples is time enough, unless a block is longer than that.
/// assert_eq!(HostBlocks::new(48_000.0, 512).wait_hops(512), 1);
/// assert_eq!(HostBlocks::new(48_000.0, 2_048).wait_hops(512), 4);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HostBlocks {
    /// In Hz.
    sample_rate: f64,
    /// Samples of the longest block, at least 1.
    longest: usize,
}

impl HostBlocks {
    /// The time that a frame's curve is given between two calls, in seconds: a worker's look at its rings and the curves of sixty instances.
    pub const NETWORK_SECONDS: f64 = 0.005;

    /// A longer block is taken for one of this length, in seconds, since the sound is delayed by it.
    pub const LONGEST_SECONDS: f64 = 1.0;

    /// Blocks of up to `longest` samples at a rate in Hz.
    pub fn new(sample_rate: f64, longest: usize) -> Self {
        let most = (Self::LONGEST_SECONDS * sample_rate) as usize;
        Self {
            sample_rate,
            longest: longest.min(most).max(1),
        }
    }

    /// Hops of so many samples that a frame waits for its curve, at least 1: from the call in which it is sent to the one in which the curve is used there are then
    /// [`Self::NETWORK_SECONDS`] or more, however the hops fall into the blocks.
    pub fn wait_hops(&self, hop: usize) -> usize {
        self.needed().div_ceil(hop.max(1)).max(1)
    }

    /// Samples of this wait that aren't needed: so much before it is due a curve can be expected to have come.
    pub fn slack(&self, hop: usize) -> usize {
        self.wait_hops(hop) * hop - self.needed()
    }

    /// Samples that a frame has to wait, whatever the hop.
    fn needed(&self) -> usize {
        let network = (Self::NETWORK_SECONDS * self.sample_rate).ceil() as usize;
        network.div_ceil(self.longest).max(1) * self.longest
    }

    /// The least time between these two calls if a frame waits for so many samples, in seconds.
    pub fn least_wait(&self, samples: usize) -> f64 {
        let blocks = samples / self.longest;
        (blocks * self.longest) as f64 / self.sample_rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The least number of samples between the calls in which a frame is sent and its curve is used, in blocks of one length that begin anywhere.
    fn least_distance(wait: usize, hop: usize, block: usize) -> usize {
        let called = |sample: usize| sample.div_ceil(block) * block;
        (1..=block)
            .map(|end| called(end + wait * hop) - called(end))
            .min()
            .unwrap()
    }

    #[test]
    fn no_frame_has_less_than_the_networks_time_however_it_falls_and_one_hop_less_would_not_do() {
        for sample_rate in [44_100.0, 48_000.0, 96_000.0] {
            for hop in [128, 256, 512] {
                for block in [
                    1, 32, 64, 100, 128, 256, 300, 441, 480, 512, 1_024, 1_500, 4_096,
                ] {
                    let blocks = HostBlocks::new(sample_rate, block);
                    let wait = blocks.wait_hops(hop);
                    let network = (HostBlocks::NETWORK_SECONDS * sample_rate).ceil() as usize;
                    let least = least_distance(wait, hop, block);
                    assert!(
                        least >= network,
                        "{block} at {sample_rate} Hz, hop {hop}: {least}"
                    );
                    assert_eq!(least as f64 / sample_rate, blocks.least_wait(wait * hop));
                    // So much earlier there has still been time enough.
                    let slack = blocks.slack(hop);
                    let left = blocks.least_wait(wait * hop - slack);
                    assert!(left * sample_rate > network as f64 - 1e-6, "{block}, {hop}");
                    if wait > 1 {
                        let least = least_distance(wait - 1, hop, block);
                        assert!(
                            least < network,
                            "{block} at {sample_rate} Hz, hop {hop}: {least}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_block_without_end_or_samples_is_reckoned_as_one_of_a_second_or_a_sample() {
        assert_eq!(HostBlocks::new(48_000.0, usize::MAX).wait_hops(480), 100);
        assert_eq!(HostBlocks::new(48_000.0, 0).wait_hops(480), 1);
    }
}
