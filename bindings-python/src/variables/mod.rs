//! Variables as the API returns them: parsing, resolved scopes, the debug view and the URL.

mod debug;
mod parse;
mod resolved;
mod scoped_variable;
mod scopes;
mod url;

pub(crate) use debug::debug_view;
pub(crate) use parse::parse_variables;
pub(crate) use resolved::PyVariables;
pub(crate) use scoped_variable::PyScopedVariable;
pub(crate) use scopes::resolve_scopes;
pub(crate) use url::{include_system_arg, variables_url};
