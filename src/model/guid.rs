//! GUIDs as text.

/// 32 hexadecimal digits in any case, with or without dashes in their usual places, with or without braces.
pub(crate) fn parse_guid(text: &str) -> Option<u128> {
    let bare = text.strip_prefix('{').map_or(Some(text), |rest| rest.strip_suffix('}'))?;
    let dashed = bare.len() == 36;
    if !dashed && bare.len() != 32 {
        return None;
    }
    let mut guid = 0u128;
    for (i, b) in bare.bytes().enumerate() {
        if dashed && matches!(i, 8 | 13 | 18 | 23) {
            if b != b'-' {
                return None;
            }
        } else {
            guid = guid << 4 | u128::from(char::from(b).to_digit(16)?);
        }
    }
    Some(guid)
}

/// Lower-case 8-4-4-4-12.
pub(crate) fn format_guid(guid: u128) -> String {
    let group = |shift: u32, bits: u32| guid >> shift & ((1 << bits) - 1);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        group(96, 32),
        group(80, 16),
        group(64, 16),
        group(48, 16),
        group(0, 48)
    )
}

#[cfg(test)]
mod tests {
    use super::{format_guid, parse_guid};

    #[test]
    fn guids_in_any_spelling() {
        let guid = parse_guid("{CDD1A0CF-2cd1-4f9a-8513-a9a2fc74d133}").unwrap();
        assert_eq!(parse_guid("cdd1a0cf2cd14f9a8513a9a2fc74d133"), Some(guid));
        assert_eq!(format_guid(guid), "cdd1a0cf-2cd1-4f9a-8513-a9a2fc74d133");
        for text in ["", "cdd1a0cf", "cdd1a0cf-2cd1-4f9a-8513_a9a2fc74d133", "{cdd1a0cf2cd14f9a8513a9a2fc74d133"] {
            assert_eq!(parse_guid(text), None, "{text}");
        }
    }
}
