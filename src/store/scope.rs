//! How a query is narrowed to what a user sees.

/// Boxes a query and narrows it by each column whose wanted value is given.
macro_rules! within {
    ($query:expr, $($column:expr => $wanted:expr),+ $(,)?) => {{
        let mut query = $query.into_boxed();
        $(if let Some(wanted) = $wanted {
            query = query.filter($column.eq(wanted));
        })+
        query
    }};
}

/// Narrows a query on `exams` to the exams in `$scope`.
macro_rules! in_scope {
    ($query:expr, $scope:expr) => {{
        use $crate::domain::access::GlobalFlag;
        use $crate::schema::exams;
        within!($query,
            exams::institute_id => $scope.institute,
            exams::user_id => $scope.author,
            exams::global_proctoring => $scope.needs(GlobalFlag::Proctoring),
            exams::global_reviewing => $scope.needs(GlobalFlag::Reviewing),
        )
    }};
}

/// Narrows a query on a table whose rows hang on exams to those of the exams in `$scope`, and by further columns.
macro_rules! of_exams_in_scope {
    ($query:expr, $table:ident, $scope:expr $(, $column:expr => $wanted:expr)* $(,)?) => {{
        let mut query = within!($query, $table::institute_id => $scope.institute $(, $column => $wanted)*);
        if $scope.author.is_some() || $scope.flag.is_some() {
            let exams = in_scope!($crate::schema::exams::table.select($crate::schema::exams::id), $scope);
            query = query.filter($table::exam_id.eq_any(exams));
        }
        query
    }};
}
