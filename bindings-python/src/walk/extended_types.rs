//! Values that Python's `json` module does not accept and that still have a JSON form: enum members,
//! dates and times, UUIDs, decimals, sets, pydantic models, dataclasses and mappings.
//!
//! Finding the form runs Python code. So the walk first takes references to the value and to every open
//! container.

use cognigy_context::__bindings::{NumberKind, Path, UnsupportedValue, ValueVisitor};
use pyo3::ffi::{self, PyObject};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyFrozenSet, PyList, PySet, PyString, PyType};

use super::borrow_guard::OpenContainer;
use super::datetime::probe_datetime_layout;
use super::decimal::{DecimalForm, classify_decimal};
use super::exceptions::{Raised, WalkResult, restore_if_fatal};
use super::lazy_import::loaded_class;
use super::text;
use super::walker::Walker;

/// How many values in a row may be replaced by another one. An enum whose value is a model needs
/// two; a model whose `model_dump()` returns a new model each time would never end.
const MAX_DELEGATIONS: u8 = 8;

/// The JSON form of a value.
enum JsonForm<'py> {
    Text(Bound<'py, PyString>),
    /// A number, as `Decimal.__str__` writes it.
    Decimal(Bound<'py, PyString>),
    /// An array of the items of a set, in the set's order.
    Items(Bound<'py, PyList>),
    /// An object of these pairs of names and values.
    Members(Bound<'py, PyList>),
    /// An object of the pairs that `items()` returns.
    Mapping,
    /// The form of another value.
    Delegate(Bound<'py, PyAny>),
    /// The value has no JSON form.
    None,
}

impl<S: ValueVisitor> Walker<'_, '_, S> {
    /// Walks an enum member, or a value that Python's `json` module does not accept.
    ///
    /// # Safety
    /// As [`walk_value`](Self::walk_value).
    #[cold]
    pub(super) unsafe fn walk_extended(
        &mut self,
        value: *mut PyObject,
        at: &Path<'_>,
        parent: Option<&OpenContainer<'_>>,
    ) -> WalkResult {
        if OpenContainer::is_open(parent, value) {
            self.visitor.unsupported(UnsupportedValue::Circular, at);
            return Ok(());
        }
        let py = self.walk.py;
        // SAFETY: `value` is live, and everything borrowed is retained before Python code runs.
        let given = unsafe {
            self.walk.retained.retain(py, value, parent);
            Bound::from_borrowed_ptr(py, value)
        };
        let form = self
            .walk
            .run_retained(|| json_form_of(&given).map_err(|error| restore_if_fatal(py, error)));
        let form = match form {
            Ok(form) => form,
            // `true`: the exception concerns the process, and is set again.
            Err(true) => return Err(Raised),
            Err(false) => JsonForm::None,
        };
        // SAFETY: the value and the objects of the form live to the end of this function.
        let walked = unsafe { self.walk_form(&form, value, at, parent) };
        // Dropping a last reference may run a finalizer.
        self.walk.run_retained(|| drop((form, given)));
        walked
    }

    /// # Safety
    /// `value` is retained.
    unsafe fn walk_form(
        &mut self,
        form: &JsonForm<'_>,
        value: *mut PyObject,
        at: &Path<'_>,
        parent: Option<&OpenContainer<'_>>,
    ) -> WalkResult {
        // SAFETY: each object is live, and of the type that the function requires.
        unsafe {
            match form {
                JsonForm::Text(text) => self.walk_text(text.as_ptr(), at),
                JsonForm::Decimal(text) => self.walk_decimal(text.as_ptr(), at),
                JsonForm::Items(list) => self.walk_items(value, at, parent, |index| {
                    if index < ffi::Py_SIZE(list.as_ptr()) {
                        ffi::PyList_GetItem(list.as_ptr(), index)
                    } else {
                        std::ptr::null_mut()
                    }
                }),
                JsonForm::Members(pairs) => self.walk_pairs(value, pairs.as_ptr(), at, parent),
                JsonForm::Mapping => self.walk_mapping(value, at, parent),
                JsonForm::Delegate(other)
                    if OpenContainer::delegations(parent) < MAX_DELEGATIONS =>
                {
                    let this = OpenContainer::delegating(parent, value);
                    self.walk_value(other.as_ptr(), at, Some(&this))
                }
                JsonForm::Delegate(_) | JsonForm::None => {
                    self.visitor.unsupported(UnsupportedValue::Unserializable, at);
                    Ok(())
                }
            }
        }
    }

    /// # Safety
    /// `text` is a live `str`.
    unsafe fn walk_decimal(&mut self, text: *mut PyObject, at: &Path<'_>) -> WalkResult {
        // SAFETY: `text` is a live `str`.
        let Some(text) = (unsafe { text::utf8(text) }) else { return Err(Raised) };
        match classify_decimal(text) {
            DecimalForm::Integer => self.visitor.number(text, NumberKind::Integer, at),
            DecimalForm::Exact => self.visitor.number(text, NumberKind::FiniteFloat, at),
            DecimalForm::Rounded => self.visitor.unsupported(UnsupportedValue::Unserializable, at),
            DecimalForm::NonFinite => self.visitor.unsupported(UnsupportedValue::NonFinite, at),
        }
        Ok(())
    }
}

/// Finds the JSON form of a value. Runs Python code.
fn json_form_of<'py>(value: &Bound<'py, PyAny>) -> PyResult<JsonForm<'py>> {
    let py = value.py();
    let value_type = value.get_type();
    let derives_from = |class: Option<&Bound<'_, PyAny>>| -> PyResult<bool> {
        class.map_or(Ok(false), |class| value_type.is_subclass(class))
    };
    if derives_from(loaded_class!(py, "enum", "Enum"))? {
        return Ok(JsonForm::Delegate(value.getattr(intern!(py, "value"))?));
    }
    // Includes `datetime`, a subclass of `date`.
    if derives_from(loaded_class!(py, "datetime", "date"))?
        || derives_from(loaded_class!(py, "datetime", "time"))?
    {
        probe_datetime_layout(py);
        return text_form_of(value.call_method0(intern!(py, "isoformat"))?);
    }
    if derives_from(loaded_class!(py, "uuid", "UUID"))? {
        return text_form_of(value.str()?.into_any());
    }
    if let Some(class) = loaded_class!(py, "decimal", "Decimal")
        && derives_from(Some(class))?
    {
        // The method of `Decimal`, because a subclass may return text that is not a number.
        let text = class.getattr(intern!(py, "__str__"))?.call1((value,))?;
        return Ok(text.cast_into_exact().map_or(JsonForm::None, JsonForm::Decimal));
    }
    if value.is_instance_of::<PySet>() || value.is_instance_of::<PyFrozenSet>() {
        return Ok(JsonForm::Items(py.get_type::<PyList>().call1((value,))?.cast_into()?));
    }
    if value.is_instance_of::<PyType>() {
        return Ok(JsonForm::None);
    }
    // Looked up on the type, because some objects claim to have every attribute.
    if value_type.hasattr(intern!(py, "model_dump"))? {
        return Ok(JsonForm::Delegate(value.call_method0(intern!(py, "model_dump"))?));
    }
    if value_type.hasattr(intern!(py, "__dataclass_fields__"))?
        && let Some(fields) = loaded_class!(py, "dataclasses", "fields")
    {
        let pairs = PyList::empty(py);
        for field in fields.call1((value,))?.try_iter()? {
            let name = field?.getattr(intern!(py, "name"))?.cast_into::<PyString>()?;
            let member = value.getattr(&name)?;
            pairs.append((name, member))?;
        }
        return Ok(JsonForm::Members(pairs));
    }
    let is_mapping = derives_from(loaded_class!(py, "_collections_abc", "Mapping"))?;
    Ok(if is_mapping { JsonForm::Mapping } else { JsonForm::None })
}

fn text_form_of(text: Bound<'_, PyAny>) -> PyResult<JsonForm<'_>> {
    Ok(text.cast_into().map_or(JsonForm::None, JsonForm::Text))
}
