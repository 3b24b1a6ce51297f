//! Works round tract's kernels, which leave a processor's vector registers as they are.

use tract_onnx::{
    prelude::*,
    tract_core::{
        ops::OpState,
        plan::{self, EvalContext},
    },
};

/// What tract does for a node, and clean registers behind it; for `run_plan_with_eval`, by which every network is run.
///
/// # Errors
/// tract's.
pub(super) fn eval(
    context: &EvalContext<'_>,
    state: Option<&mut (dyn OpState + 'static)>,
    node: &TypedNode,
    inputs: TVec<TValue>,
) -> TractResult<TVec<TValue>> {
    let outputs = plan::eval(context, state, node, inputs);
    clear_upper_halves();
    outputs
}

/// Clears the upper halves of the vector registers, where the processor has them.
///
/// On x86 what they hold after 256-bit or 512-bit instructions slows down every 128-bit one until they are cleared: here a logarithm took 20
/// times as long. "Intel 64 and IA-32 Architectures Optimization Reference Manual", section "Mixing AVX code with SSE code", asks for `vzeroupper` after
/// them. None of the kernels in assembler of tract-linalg 0.23.9 (`linalg/x86_64/`) has one. Doesn't allocate.
fn clear_upper_halves() {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx") {
        // SAFETY: the processor has AVX, which is all that the function asks for.
        #[allow(unsafe_code, reason = "an instruction that not every processor has")]
        unsafe {
            clear();
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx")]
fn clear() {
    std::arch::x86_64::_mm256_zeroupper();
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use crate::model::{EAR_EVIDENCE, EAR_PITCHES, ModelSource, NotePlayers};
    use std::arch::x86_64::{__cpuid_count, _xgetbv};

    /// Whether the processor says which of its registers are in use, and the bits for the upper halves of the 256-bit and of the first 512-bit ones.
    const SAYS: u32 = 1 << 2;
    const UPPER_HALVES: u64 = 1 << 2 | 1 << 6;

    #[target_feature(enable = "xsave")]
    fn is_any_in_use() -> bool {
        // SAFETY: the test has asked whether there is such a register.
        #[allow(unsafe_code, reason = "an instruction that not every processor has")]
        let in_use = unsafe { _xgetbv(1) };
        in_use & UPPER_HALVES != 0
    }

    #[test]
    #[cfg_attr(miri, ignore = "loads networks: hours")]
    fn a_network_leaves_no_upper_half_in_use() {
        let says = is_x86_feature_detected!("avx")
            && is_x86_feature_detected!("xsave")
            && __cpuid_count(0xd, 1).eax & SAYS != 0;
        if !says {
            println!("this processor doesn't say which registers are in use");
            return;
        }
        let players = NotePlayers::load(&ModelSource::Embedded).unwrap();
        let ear = players.ear().unwrap();
        ear.hear(&[0.5; EAR_PITCHES * EAR_EVIDENCE]).unwrap();
        // SAFETY: the processor has XSAVE.
        #[allow(unsafe_code, reason = "an instruction that not every processor has")]
        let any = unsafe { is_any_in_use() };
        assert!(!any);
    }
}
