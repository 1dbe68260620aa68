//! Reads `filter={"start_time":{"gte":"2025-02-01"}}` and `sort=[{"start_time":"desc"},{"name":"asc"}]`.

use serde_json::{Map, Value as Json};
use unicode_normalization::UnicodeNormalization;

use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use crate::store::listing::sql::{Condition, Order, Term, Test, Value};
use crate::store::listing::{Column, Columns, Kind, Listing};

/// Conditions at most.
const MAX_CONDITIONS: usize = 20;
/// Columns of an order at most.
const MAX_TERMS: usize = 5;
/// Values of `in` at most.
const MAX_VALUES: usize = 100;

const OPERATORS: &str = "eq, ne, gt, gte, lt, lte, in, like";

impl Listing {
    /// Reads the parameters `filter` and `sort` of a list with these columns. What is wrong is an error of the
    /// parameter that names the columns, the operators or the values that are known.
    pub fn read(columns: Columns, filter: Option<&str>, sort: Option<&str>) -> Result<Self> {
        let conditions = filter.map(|text| columns.conditions(text)).transpose().map_err(|why| at("filter", why))?;
        let order = sort.map(|text| columns.order(text)).transpose().map_err(|why| at("sort", why))?;
        Ok(Self { conditions: conditions.unwrap_or_default(), order: order.flatten() })
    }
}

fn at(parameter: &str, why: String) -> Error {
    Error::invalid(parameter, why)
}

impl Columns {
    fn conditions(self, text: &str) -> Result<Vec<Condition>, String> {
        let not_this = |_| "must be a JSON object such as {\"name\":{\"like\":\"Alg%\"}}".to_owned();
        let wanted: Map<String, Json> = serde_json::from_str(text).map_err(not_this)?;
        let mut conditions = Vec::new();
        for (name, tests) in wanted {
            let column = self.find(&name, |_| true)?;
            let Json::Object(tests) = tests else {
                return Err(format!("must give {name} an operator, such as {{\"{name}\":{{\"eq\":…}}}}: {OPERATORS}"));
            };
            for (operator, value) in tests {
                let asked = column.test(&operator, &value)?;
                conditions.push(Condition { table: self.table, column: column.name, test: asked, by_index: true });
            }
        }
        if conditions.len() > MAX_CONDITIONS {
            return Err(format!("has more than {MAX_CONDITIONS} conditions"));
        }
        Ok(conditions)
    }

    fn order(self, text: &str) -> Result<Option<Order>, String> {
        let not_this = |()| "must be a JSON list such as [{\"name\":\"asc\"},{\"id\":\"desc\"}]".to_owned();
        let wanted: Vec<Map<String, Json>> = serde_json::from_str(text).map_err(|_| not_this(()))?;
        let mut terms: Vec<Term> = Vec::new();
        if wanted.iter().any(|term| term.len() != 1) {
            return Err(not_this(()));
        }
        for (name, direction) in wanted.into_iter().flatten() {
            let column = self.find(&name, |column| column.sorted)?;
            let descending = match direction.as_str() {
                Some("asc") => false,
                Some("desc") => true,
                _ => return Err(format!("must have asc or desc for {name}")),
            };
            if terms.iter().any(|term| term.column == column.name) {
                return Err(format!("names {name} twice"));
            }
            terms.push(Term { column: column.name, kind: column.kind, nullable: column.nullable, descending });
        }
        if terms.len() > MAX_TERMS {
            return Err(format!("has more than {MAX_TERMS} columns"));
        }
        Ok((!terms.is_empty()).then_some(Order { table: self.table, terms, by_index: true }))
    }

    fn find(self, name: &str, takes: impl Fn(&Column) -> bool) -> Result<Column, String> {
        let known = || self.columns.iter().filter(|column| takes(column));
        let names = || known().map(|column| column.name).collect::<Vec<_>>().join(", ");
        known()
            .find(|column| column.name == name)
            .copied()
            .ok_or_else(|| format!("knows no {name:?}; it knows: {}", names()))
    }
}

impl Column {
    fn test(&self, operator: &str, value: &Json) -> Result<Test, String> {
        let compared = |sql| -> Result<Test, String> { Ok(Test::Compared(sql, self.value(value)?)) };
        let ordered = |sql| if self.kind == Kind::Bool { Err(self.no_operator(operator)) } else { compared(sql) };
        match operator {
            "eq" | "ne" if value.is_null() && self.nullable => Ok(Test::Empty(operator == "eq")),
            "eq" => compared(" = "),
            "ne" => compared(" <> "),
            "gt" => ordered(" > "),
            "gte" => ordered(" >= "),
            "lt" => ordered(" < "),
            "lte" => ordered(" <= "),
            "in" => match value.as_array() {
                Some(values) if (1..=MAX_VALUES).contains(&values.len()) => {
                    values.iter().map(|value| self.value(value)).collect::<Result<_, _>>().map(Test::In)
                }
                _ => Err(format!("must give {} in a list of 1 to {MAX_VALUES} values", self.name)),
            },
            "like" if self.kind == Kind::Text => match self.value(value)? {
                Value::Text(pattern) => Ok(Test::Like(pattern)),
                _ => Err(self.no_operator(operator)),
            },
            "like" => Err(self.no_operator(operator)),
            other => Err(format!("knows no operator {other:?}; it knows: {OPERATORS}")),
        }
    }

    fn no_operator(&self, operator: &str) -> String {
        let kind = if self.kind == Kind::Bool { "true or false" } else { "no text" };
        format!("cannot ask {} with {operator}: it is {kind}", self.name)
    }

    /// A number and a flag also as text, as in every parameter.
    fn value(&self, value: &Json) -> Result<Value, String> {
        let token = match value {
            Json::String(text) => Some(text.nfc().collect::<String>()),
            Json::Number(_) | Json::Bool(_) if self.kind != Kind::Text => Some(value.to_string()),
            _ => None,
        };
        let read = token.and_then(|token| match self.kind {
            Kind::Number => token.parse().ok().map(Value::Number),
            Kind::Time => Timestamp::parse(&token).map(|at| Value::Number(at.micros())),
            Kind::Bool => match token.as_str() {
                "true" | "1" => Some(Value::Bool(true)),
                "false" | "0" => Some(Value::Bool(false)),
                _ => None,
            },
            Kind::Text => Some(Value::Text(token)).filter(|_| !value.as_str().unwrap_or_default().contains('\0')),
        });
        let expected = match self.kind {
            Kind::Number => "a whole number",
            Kind::Time => "an ISO 8601 time such as 2026-11-26T07:19:53Z, or seconds since 1970",
            Kind::Bool => "true or false",
            Kind::Text => "a text",
        };
        read.ok_or_else(|| format!("must compare {} with {expected}", self.name))
    }
}
