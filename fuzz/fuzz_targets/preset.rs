#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    moodring_fuzz::targets::preset(bytes);
});
