//! The manual: `docs/guide.md`, without what only a web page can show.

use std::sync::LazyLock;

use super::block::Block;

const GUIDE: &str = include_str!("../../../../docs/guide.md");

/// The guide, as it is shown.
pub fn blocks() -> &'static [Block] {
    static BLOCKS: LazyLock<Vec<Block>> = LazyLock::new(|| read(GUIDE));
    &BLOCKS
}

/// Reads as much Markdown as the guide has: headings, paragraphs, numbered steps, tables of two columns, code. Leaves out pictures, what is
/// behind links, and comments, which are for whoever works on the guide.
fn read(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut paragraph = String::new();
    let mut in_code = false;
    let mut lines = markdown.lines().peekable();
    while let Some(line) = lines.next() {
        let is_fence = line.starts_with("```");
        in_code ^= is_fence;
        let is_text = !(line.is_empty() || line.starts_with(['|', '#', '!', '<']) || is_fence);
        if is_text && !in_code {
            if is_step(line) && !paragraph.is_empty() {
                blocks.push(Block::Text(std::mem::take(&mut paragraph)));
            }
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph += &plain(line);
            continue;
        }
        if !paragraph.is_empty() {
            blocks.push(Block::Text(std::mem::take(&mut paragraph)));
        }
        if in_code && !is_fence {
            blocks.push(Block::Text(line.to_owned()));
        } else if let Some(title) = line.strip_prefix("## ") {
            blocks.push(Block::Heading(plain(title)));
        } else if let Some(row) = line.strip_prefix('|') {
            let is_head = lines.peek().is_some_and(|next| next.starts_with("| ---"));
            if !(is_head || row.starts_with(" ---")) {
                let (term, words) = row.split_once('|').unwrap_or((row, ""));
                let words = words.trim().trim_end_matches('|');
                blocks.push(Block::Row(plain(term.trim()), plain(words.trim())));
            }
        }
    }
    if !paragraph.is_empty() {
        blocks.push(Block::Text(paragraph));
    }
    blocks
}

/// Whether a line begins a step of a list that counts them.
fn is_step(line: &str) -> bool {
    let number = line.split_once(". ").map(|(number, _)| number);
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}

/// A line without its marks: of a link its words are left.
fn plain(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, link)) = rest.split_once('[') {
        text += before;
        match link.split_once("](").and_then(|(words, target)| {
            let (_, after) = target.split_once(')')?;
            Some((words, after))
        }) {
            Some((words, after)) => {
                text += words;
                rest = after;
            }
            None => {
                text.push('[');
                rest = link;
            }
        }
    }
    text += rest;
    text.replace("**", "").replace(['`', '*'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_guide_is_shown_and_none_of_its_marks() {
        let blocks = blocks();
        let count =
            |wanted: fn(&Block) -> bool| blocks.iter().filter(|block| wanted(block)).count();
        let headings = GUIDE.lines().filter(|line| line.starts_with("## ")).count();
        assert_eq!(count(|block| matches!(block, Block::Heading(_))), headings);
        let lines = GUIDE.lines().filter(|line| line.starts_with('|')).count();
        let tables = GUIDE
            .lines()
            .filter(|line| line.starts_with("| ---"))
            .count();
        let rows = count(|block| matches!(block, Block::Row(..)));
        assert_eq!(rows, lines - 2 * tables);
        assert!(headings > 4 && rows > 20, "{headings} {rows}");
        for block in blocks {
            let text = format!("{block:?}");
            for mark in ["](", "**", "![", "```", "| ", "<!--", "cargo test"] {
                assert!(!text.contains(mark), "{text}");
            }
        }
    }

    #[test]
    fn each_step_of_the_first_minute_has_a_line_of_its_own() {
        let steps = GUIDE.lines().filter(|line| is_step(line)).count();
        assert!(steps >= 8, "{steps}");
        let shown = blocks().iter().filter(
            |block| matches!(block, Block::Text(text) if is_step(text) && !text.contains(" 2. ")),
        );
        assert_eq!(shown.count(), steps);
    }

    #[test]
    fn links_and_marks_leave_their_words() {
        let line = "**[The guide](docs/guide.md)** says `what` [it] *does*";
        assert_eq!(plain(line), "The guide says what [it] does");
    }
}
