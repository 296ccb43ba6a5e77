#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| adapters::hostile::graph_call(data));
