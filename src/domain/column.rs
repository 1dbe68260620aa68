//! How checked values become database columns.

/// Stores `$type` in a column of `$sql` through its conversions from and to `$inner`.
macro_rules! column {
    ($type:ty, $sql:ty, $inner:ty, $read:expr, $write:expr) => {
        impl<DB> diesel::serialize::ToSql<$sql, DB> for $type
        where
            DB: diesel::backend::Backend,
            $inner: diesel::serialize::ToSql<$sql, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                let write: fn(&'b $type) -> &'b $inner = $write;
                write(self).to_sql(out)
            }
        }

        impl<DB> diesel::deserialize::FromSql<$sql, DB> for $type
        where
            DB: diesel::backend::Backend,
            <$inner as ToOwned>::Owned: diesel::deserialize::FromSql<$sql, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let read: fn(
                    <$inner as ToOwned>::Owned,
                ) -> std::result::Result<Self, Box<dyn std::error::Error + Send + Sync>> = $read;
                read(diesel::deserialize::FromSql::<$sql, DB>::from_sql(bytes)?)
            }
        }
    };
}

/// A closed list of names: the same text on the wire, in the database and in the OpenAPI document.
macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:tt),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
            utoipa::ToSchema, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// The name on the wire and in the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> std::result::Result<Self, String> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(format!("must be one of: {}", [$($text),+].join(", "))),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        column!($name, diesel::sql_types::Text, str, |text| text.parse().map_err(Into::into), |name| name.as_str());
    };
}

/// Stores `$type` as one JSON text, for what is read and written as a whole.
macro_rules! json_column {
    ($type:ty) => {
        impl diesel::serialize::ToSql<diesel::sql_types::Text, diesel::sqlite::Sqlite> for $type {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::sqlite::Sqlite>,
            ) -> diesel::serialize::Result {
                out.set_value(serde_json::to_string(self)?);
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg> for $type {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                std::io::Write::write_all(out, serde_json::to_string(self)?.as_bytes())?;
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $type
        where
            DB: diesel::backend::Backend,
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let json: String = diesel::deserialize::FromSql::<diesel::sql_types::Text, DB>::from_sql(bytes)?;
                Ok(serde_json::from_str(&json)?)
            }
        }
    };
}

/// Declares a list of checked texts that is stored as a JSON array.
macro_rules! list {
    ($(#[$doc:meta])* $name:ident($item:ident)) => {
        $(#[$doc])*
        #[derive(
            Clone,
            Debug,
            Default,
            PartialEq,
            Eq,
            serde::Serialize,
            serde::Deserialize,
            diesel::expression::AsExpression,
            diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub struct $name(pub Vec<$item>);

        json_column!($name);
    };
}
