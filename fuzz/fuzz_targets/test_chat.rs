#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| adapters::hostile::test_chat(data));
