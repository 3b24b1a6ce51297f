#![no_main]

// tract's panics are caught where a network is loaded: no find. Those that reach the fuzzer still are one.
libfuzzer_sys::fuzz_target!(
    init: std::panic::set_hook(Box::new(|_| ())),
    |bytes: &[u8]| { moodring_fuzz::targets::network(bytes); }
);
