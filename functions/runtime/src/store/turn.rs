//! Turn: a message takes a page of the recovery scan, and its last page ends it.
//!
//! Condition: as `Turn::after` says. Losing means that the page is another copy's,
//! and there is nothing to do, or that another scan is under way.

use super::DynamoTasks;
use crate::table::item::{Fields, Item, number, text};
use crate::table::{Change, Written, key};
use flotilla_task::{AttemptId, StoreError, Taken, Turn, Turns, Whose};

/// The partition of what recovery notes about itself.
pub const RECOVERY: &str = "RECOVERY";
/// The sort key of the last turn.
pub const SCAN: &str = "SCAN";

impl Turns for DynamoTasks {
    async fn take(&self, turn: &Turn) -> Result<Whose, StoreError> {
        let again = "(#run = :run AND #page = :page AND #by = :by)";
        let mut values = Item::from([
            (":run".to_owned(), text(turn.run.as_str())),
            (":page".to_owned(), number(turn.page)),
            (":by".to_owned(), text(turn.by.as_str())),
            (":now".to_owned(), number(turn.now.as_millis())),
        ]);
        let next = if let Some(before) = turn.page.checked_sub(1) {
            values.insert(":before".to_owned(), number(before));
            "(#run = :run AND #page = :before)"
        } else {
            values.insert(":stale".to_owned(), number(turn.stale.as_millis()));
            "attribute_not_exists(pk) OR \
             (#run <> :run AND (attribute_exists(#over) OR #at <= :stale))"
        };
        let change = Change {
            key: key(RECOVERY, SCAN),
            condition: format!("{again} OR {next}"),
            expression: "SET #run = :run, #page = :page, #by = :by, #at = :now REMOVE #over"
                .to_owned(),
            values,
        };
        match self.table.update(change).await? {
            Written::Applied(_) => Ok(Whose::Mine),
            Written::Refused(old) => {
                match turn.after(old.as_ref().map(taken).transpose()?.as_ref()) {
                    Whose::Mine => Err(StoreError::Unavailable(
                        "the turn was refused and is free; trying again helps".to_owned(),
                    )),
                    whose @ (Whose::Gone | Whose::Later) => Ok(whose),
                }
            }
        }
    }

    async fn end(&self, turn: &Turn) -> Result<(), StoreError> {
        let change = Change {
            key: key(RECOVERY, SCAN),
            condition: "#run = :run AND #page = :page".to_owned(),
            expression: "SET #over = :now".to_owned(),
            values: Item::from([
                (":run".to_owned(), text(turn.run.as_str())),
                (":page".to_owned(), number(turn.page)),
                (":now".to_owned(), number(turn.now.as_millis())),
            ]),
        };
        self.table.update(change).await.map(|_| ())
    }
}

fn taken(item: &Item) -> Result<Taken, StoreError> {
    let fields = Fields(item);
    Ok(Taken {
        run: fields.id("run", AttemptId::new)?,
        page: fields.number("page")?,
        by: fields.id("by", AttemptId::new)?,
        at: fields.time("at")?,
        is_over: item.contains_key("over"),
    })
}
