//! The text of a case file: blocks of lines, and cells of tables.

use tallygrid::{Rows, Value};

/// A block of a file.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Where it begins, from 1.
    pub(super) line: usize,
    /// Remarks in front of it, as they stand there.
    remarks: Vec<String>,
    /// The first line.
    pub(super) head: String,
    /// The lines under it, without their indent; the answer where the block is a question.
    pub(super) body: Vec<String>,
    pub(super) answer: Vec<String>,
}

/// The line between a question's own lines and its answer.
const GIVES: &str = "gives";

impl Block {
    /// Whether the block asks something in its first line alone.
    fn is_question(&self) -> bool {
        ["list", "group", "aggregate", "explain", "read", "layout", "odata", "zone"].contains(&self.verb())
    }

    /// Whether it asks something with lines of its own.
    fn is_long_question(&self) -> bool {
        self.verb() == "append"
    }

    pub(super) fn verb(&self) -> &str {
        self.head.split(' ').next().unwrap_or("")
    }

    /// What follows the verb.
    pub(super) fn rest(&self) -> &str {
        self.head.split_once(' ').map_or("", |(_, rest)| rest.trim())
    }
}

pub(super) fn read(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut remarks = Vec::new();
    let mut in_answer = false;
    for (line, text) in (1..).zip(text.lines()) {
        if let Some(indented) = text.strip_prefix("  ") {
            let block = blocks.last_mut().unwrap_or_else(|| panic!("line {line}: no block to belong to"));
            if in_answer { &mut block.answer } else { &mut block.body }.push(indented.trim_end().to_owned());
        } else if text == GIVES {
            in_answer = true;
        } else if text.is_empty() || text.starts_with('#') {
            if !(text.is_empty() && remarks.is_empty()) {
                remarks.push(text.to_owned());
            }
        } else {
            let remarks = std::mem::take(&mut remarks);
            blocks.push(Block { line, remarks, head: text.to_owned(), body: Vec::new(), answer: Vec::new() });
            in_answer = blocks.last().is_some_and(Block::is_question);
        }
    }
    assert!(remarks.is_empty(), "remarks at the end belong to no block");
    blocks
}

pub(super) fn write(blocks: &[Block]) -> String {
    let mut out = String::new();
    for (i, block) in blocks.iter().enumerate() {
        // Circumstances that follow one another stand together.
        let together = i > 0 && block.verb() == "with" && blocks[i - 1].verb() == "with" && block.remarks.is_empty();
        if i > 0 && !together {
            out.push('\n');
        }
        block.remarks.iter().for_each(|remark| out.push_str(&format!("{remark}\n")));
        out.push_str(&format!("{}\n{}", block.head, indented(&block.body, "  ")));
        if block.is_long_question() {
            out.push_str(&format!("{GIVES}\n"));
        }
        out.push_str(&indented(&block.answer, "  "));
    }
    out
}

/// Lines under one another, each behind an indent.
pub(super) fn indented(lines: &[String], indent: &str) -> String {
    lines.iter().flat_map(|line| [indent, line, "\n"]).collect()
}

/// The rows of a table: a line of names, then a line a row.
pub(super) fn table(lines: &[String]) -> Result<Rows, String> {
    let mut lines = lines.iter();
    let names = lines.next().ok_or("a table without names")?;
    let mut rows = Rows::new(names.split('|').map(str::trim));
    for line in lines {
        let mut cells = Vec::new();
        let mut rest = line.as_str();
        loop {
            let (value, behind) = cell(rest, "|")?;
            cells.push(value);
            match behind.strip_prefix('|') {
                Some(behind) => rest = behind,
                None => break,
            }
        }
        rows.push(cells);
    }
    Ok(rows)
}

/// The cell at the beginning of a text, and what follows it.
fn cell<'t>(text: &'t str, ends: &str) -> Result<(Value, &'t str), String> {
    let text = text.trim_start();
    let end_of = |behind: &'t str| {
        let behind = behind.trim_start();
        let at_end = behind.is_empty() || behind.starts_with(|c| ends.contains(c));
        if at_end { Ok(behind) } else { Err(format!("`{behind}` behind a cell")) }
    };
    if text.starts_with('"') {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
        let value = values.next().and_then(Result::ok).ok_or_else(|| format!("`{text}` is no JSON text"))?;
        return Ok((value.into(), end_of(&text[values.byte_offset()..])?));
    }
    if let Some(mut rest) = text.strip_prefix('[') {
        let mut items = Vec::new();
        loop {
            if let Some(behind) = rest.trim_start().strip_prefix(']') {
                return Ok((Value::List(items), end_of(behind)?));
            }
            let (item, behind) = cell(rest, ",]")?;
            items.push(item);
            rest = behind.strip_prefix(',').unwrap_or(behind);
        }
    }
    let end = text.find(|c| ends.contains(c)).unwrap_or(text.len());
    let value = match text[..end].trim_end() {
        "-" => Value::Null,
        text => text.into(),
    };
    Ok((value, &text[end..]))
}

/// The words of a line: runs without blanks, or JSON texts.
pub(super) fn words(text: &str) -> Result<Vec<String>, String> {
    let (mut words, mut rest) = (Vec::new(), text.trim_start());
    while !rest.is_empty() {
        if rest.starts_with('"') {
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            words.push(values.next().and_then(Result::ok).ok_or_else(|| format!("`{rest}` is no JSON text"))?);
            rest = rest[values.byte_offset()..].trim_start();
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            words.push(rest[..end].to_owned());
            rest = rest[end..].trim_start();
        }
    }
    Ok(words)
}

/// A question with its `«…»` replaced.
pub(super) fn unfolded(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('«') {
        let (inside, behind) = behind.split_once('»').ok_or("`«` is not closed by `»`")?;
        out.push_str(before);
        rest = behind;
        let code = inside.strip_prefix('u').and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let repeated = inside.split_once('×').and_then(|(n, text)| Some((n.parse::<usize>().ok()?, text)));
        match (code.and_then(char::from_u32), repeated) {
            (Some(c), _) => out.push(c),
            (_, Some((n, text))) => out.push_str(&text.repeat(n)),
            _ => return Err(format!("`«{inside}»` means nothing")),
        }
    }
    out.push_str(rest);
    Ok(out)
}
