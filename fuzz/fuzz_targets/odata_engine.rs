#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tallygrid_fuzz::odata_engine(data));
