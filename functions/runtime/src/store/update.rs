//! What every conditional update of a task has in common.

use super::item::{TASK_SORT, task_key};
use crate::table::item::{Item, number, text};
use crate::table::{Change, key};
use aws_sdk_dynamodb::types::AttributeValue;
use flotilla_task::{Command, Fence, StatusKind};

/// One `UpdateItem`: its expressions, with every attribute name written `#name`,
/// because many good names are reserved words.
#[derive(Debug)]
pub(super) struct Update {
    key: Item,
    condition: String,
    set: Vec<String>,
    remove: Vec<&'static str>,
    values: Item,
}

impl Update {
    /// An update under a condition of its own. Raises the epoch, leaves the
    /// author and the time: what every write to a task does.
    pub(super) fn when(condition: &str, command: &Command) -> Self {
        Self {
            key: key(task_key(&command.task), TASK_SORT),
            condition: condition.to_owned(),
            set: vec!["#epoch = #epoch + :one".to_owned()],
            remove: Vec::new(),
            values: Item::from([(":one".to_owned(), number(1))]),
        }
        .set("writer", text(command.by.as_str()))
        .set("updated_at", number(command.now.as_millis()))
    }

    /// An update of the very version that the fence names.
    pub(super) fn fenced(fence: &Fence, command: &Command) -> Self {
        Self::when("#stage = :at_stage AND #status = :at_status AND #epoch = :at_epoch", command)
            .value(":at_stage", text(fence.stage.as_str()))
            .value(":at_status", text(fence.status.as_str()))
            .value(":at_epoch", number(fence.epoch))
    }

    /// A further condition.
    pub(super) fn and(mut self, condition: &str) -> Self {
        self.condition = format!("{} AND {condition}", self.condition);
        self
    }

    /// A value that the condition uses.
    pub(super) fn value(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    /// Sets an attribute.
    pub(super) fn set(self, name: &'static str, value: AttributeValue) -> Self {
        let placeholder = format!(":{name}");
        let mut next = self.set_to(format!("#{name} = {placeholder}"));
        next.values.insert(placeholder, value);
        next
    }

    /// Sets an attribute when there is a value, and removes it when there is none.
    pub(super) fn set_or_remove(self, name: &'static str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self.remove(&[name]),
        }
    }

    /// A `SET` clause of its own.
    pub(super) fn set_to(mut self, clause: impl Into<String>) -> Self {
        self.set.push(clause.into());
        self
    }

    /// The status after the write.
    pub(super) fn status(self, status: StatusKind) -> Self {
        self.set("status", text(status.as_str()))
    }

    /// Removes attributes.
    pub(super) fn remove(mut self, names: &[&'static str]) -> Self {
        self.remove.extend_from_slice(names);
        self
    }

    /// The update expression.
    fn expression(&self) -> String {
        let set = format!("SET {}", self.set.join(", "));
        if self.remove.is_empty() {
            return set;
        }
        let removed: Vec<_> = self.remove.iter().map(|name| format!("#{name}")).collect();
        format!("{set} REMOVE {}", removed.join(", "))
    }

    /// Ready to send.
    pub(super) fn into_change(self) -> Change {
        let expression = self.expression();
        Change { key: self.key, condition: self.condition, expression, values: self.values }
    }
}
