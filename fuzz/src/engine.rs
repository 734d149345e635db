//! Random worlds, questions and changes: the engine and the test suite's oracle agree.

use proptest::test_runner::TestCaseError;

use crate::judge;
use crate::oracle::choices::Choices;
use crate::oracle::draw::world::world;
use crate::oracle::world::LAYOUTS;

/// Bytes that decide about the question. They are apart from those of the world, so that one changes without the other.
const QUESTION: usize = 150;

/// The same for questions that are trees.
const TREE: usize = 400;

/// The first byte chooses what is asked; then come the decisions about the question, then those about the world.
pub fn engine(data: &[u8]) {
    let Some((&choice, data)) = data.split_first() else { return };
    let choice = choice % 10;
    let most = if choice == 7 { TREE } else { QUESTION };
    let (question, of_world) = data.split_at(data.len().min(most));
    if let Err(TestCaseError::Fail(why)) = judged(choice, choices(question), choices(of_world)) {
        panic!("{why}");
    }
}

fn judged(choice: u8, mut c: Choices, mut of_world: Choices) -> Result<(), TestCaseError> {
    if choice == 6 {
        // Changes draw their own rows, from more decisions than a question has.
        return judge::history::history(&mut of_world);
    }
    let world = world(&mut of_world);
    let layout = c.pick(&LAYOUTS);
    match choice {
        0 => judge::lists::lists(&world, &[LAYOUTS[0], layout], &mut c),
        1 => judge::groups::groups(&world, &[LAYOUTS[0], layout], &mut c),
        2 => judge::lists::printed(&world, layout, &mut c),
        3 => judge::scope::scope(&world, layout, &mut c),
        4 => judge::latest::latest(&world, &[LAYOUTS[0], layout], &mut c),
        7 => judge::trees::trees(&world, &[LAYOUTS[0], layout], &mut c),
        8 => judge::pages::pages(&world, &[LAYOUTS[0], layout], &mut c),
        9 => judge::doors::doors(&world, &[LAYOUTS[0], layout], &mut c),
        _ => judge::completion::completion(&world, layout, &mut c),
    }
}

/// A byte a decision, spread over the whole range of numbers.
fn choices(data: &[u8]) -> Choices {
    Choices::new(data.iter().map(|byte| u32::from_le_bytes([*byte; 4])).collect())
}
