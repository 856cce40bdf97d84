//! Values that Python's own `json` does not take, and that have a JSON form all the same: enum
//! members, dates and times, UUIDs, decimals, sets, pydantic models, dataclasses and mappings.
//!
//! Finding that form runs Python code, so everything that is open is held first.

use cognigy_context::__bindings::{NumberKind, Path, UnsupportedValue, ValueVisitor};
use pyo3::ffi::{self, PyObject, PyTypeObject};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyFrozenSet, PyList, PySet, PyString, PyType};

use super::borrow_guard::Open;
use super::datetime;
use super::decimal::{DecimalForm, form_of};
use super::lazy_import::loaded;
use super::mapping::is_fatal;
use super::text;
use super::{Raised, Walked, Walker};

/// More values that stand for one another in a row are no JSON form: an enum whose value is a
/// model is fine, a model that makes another one each time it is asked is not.
const MOST_STAND_INS: u8 = 8;

/// What a value is told as.
enum Form<'py> {
    Text(Bound<'py, PyString>),
    Decimal(Bound<'py, PyString>),
    /// The items of a set, in its own order.
    Items(Bound<'py, PyList>),
    /// Pairs of names and values.
    Members(Bound<'py, PyList>),
    /// It has an `items()`.
    Mapping,
    /// Another value, in its place.
    StandIn(Bound<'py, PyAny>),
    None,
}

macro_rules! library {
    ($py:expr, $module:literal, $name:literal) => {{
        static KEPT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        loaded($py, &KEPT, $module, $name)
    }};
}

/// The class of all enums, where the module is loaded; it is kept, so it is never freed.
pub(super) fn enum_class(py: Python<'_>) -> Option<*mut PyTypeObject> {
    library!(py, "enum", "Enum").map(|found| found.as_ptr().cast())
}

impl<S: ValueVisitor> Walker<'_, '_, S> {
    /// # Safety
    /// As [`value`](Self::value).
    #[cold]
    pub(super) unsafe fn foreign(
        &mut self,
        value: *mut PyObject,
        at: &Path<'_>,
        open: Option<&Open<'_>>,
    ) -> Walked {
        if Open::holds(open, value) {
            self.sink.unsupported(UnsupportedValue::Circular, at);
            return Ok(());
        }
        let py = self.walk.py;
        // SAFETY: `value` is live, and everything borrowed is held before Python code runs.
        let given = unsafe {
            self.walk.held.hold(py, value, open);
            Bound::from_borrowed_ptr(py, value)
        };
        let form = self.run_python(|| form(&given).map_err(|error| is_fatal(py, error)));
        let form = match form {
            Ok(form) => form,
            Err(true) => return Err(Raised),
            Err(false) => Form::None,
        };
        // SAFETY: what the form holds lives to the end of this function, and so does the value.
        let walked = unsafe { self.form(&form, value, at, open) };
        // The last references may run finalizers.
        self.run_python(|| drop((form, given)));
        walked
    }

    /// # Safety
    /// `value` is held.
    unsafe fn form(
        &mut self,
        form: &Form<'_>,
        value: *mut PyObject,
        at: &Path<'_>,
        open: Option<&Open<'_>>,
    ) -> Walked {
        // SAFETY: each object is live, and of the type that the function is made for.
        unsafe {
            match form {
                Form::Text(text) => self.text(text.as_ptr(), at),
                Form::Decimal(text) => self.decimal(text.as_ptr(), at),
                Form::Items(list) => self.items(value, at, open, |index| {
                    if index < ffi::Py_SIZE(list.as_ptr()) {
                        ffi::PyList_GetItem(list.as_ptr(), index)
                    } else {
                        std::ptr::null_mut()
                    }
                }),
                Form::Members(pairs) => self.pairs(value, pairs.as_ptr(), at, open),
                Form::Mapping => self.mapping(value, at, open),
                Form::StandIn(other) if Open::stand_ins(open) < MOST_STAND_INS => {
                    self.value(other.as_ptr(), at, Some(&Open::stand_in(open, value)))
                }
                Form::StandIn(_) | Form::None => {
                    self.sink.unsupported(UnsupportedValue::Unserializable, at);
                    Ok(())
                }
            }
        }
    }

    /// # Safety
    /// `text` is a live `str`.
    unsafe fn decimal(&mut self, text: *mut PyObject, at: &Path<'_>) -> Walked {
        // SAFETY: as promised.
        let Some(text) = (unsafe { text::utf8(text) }) else { return Err(Raised) };
        match form_of(text) {
            DecimalForm::Integer => self.sink.number(text, NumberKind::Integer, at),
            DecimalForm::Exact => self.sink.number(text, NumberKind::FiniteFloat, at),
            DecimalForm::Rounded => self.sink.unsupported(UnsupportedValue::Unserializable, at),
            DecimalForm::NonFinite => self.sink.unsupported(UnsupportedValue::NonFinite, at),
        }
        Ok(())
    }
}

/// Runs Python code.
fn form<'py>(value: &Bound<'py, PyAny>) -> PyResult<Form<'py>> {
    let py = value.py();
    let kind = value.get_type();
    let is = |class: Option<&Bound<'_, PyAny>>| -> PyResult<bool> {
        class.map_or(Ok(false), |class| kind.is_subclass(class))
    };
    if is(library!(py, "enum", "Enum"))? {
        return Ok(Form::StandIn(value.getattr(intern!(py, "value"))?));
    }
    // A datetime is a date.
    if is(library!(py, "datetime", "date"))? || is(library!(py, "datetime", "time"))? {
        datetime::learn(py);
        return text_of(value.call_method0(intern!(py, "isoformat"))?);
    }
    if is(library!(py, "uuid", "UUID"))? {
        return text_of(value.str()?.into_any());
    }
    if let Some(class) = library!(py, "decimal", "Decimal")
        && is(Some(class))?
    {
        // The class's own, whatever a subclass makes of it: the text of a number.
        let text = class.getattr(intern!(py, "__str__"))?.call1((value,))?;
        return Ok(text.cast_into_exact().map_or(Form::None, Form::Decimal));
    }
    if value.is_instance_of::<PySet>() || value.is_instance_of::<PyFrozenSet>() {
        return Ok(Form::Items(py.get_type::<PyList>().call1((value,))?.cast_into()?));
    }
    if value.is_instance_of::<PyType>() {
        return Ok(Form::None);
    }
    // Asked of the class, because some objects say of any attribute that they have it.
    if kind.hasattr(intern!(py, "model_dump"))? {
        return Ok(Form::StandIn(value.call_method0(intern!(py, "model_dump"))?));
    }
    if kind.hasattr(intern!(py, "__dataclass_fields__"))?
        && let Some(fields) = library!(py, "dataclasses", "fields")
    {
        let pairs = PyList::empty(py);
        for field in fields.call1((value,))?.try_iter()? {
            let name = field?.getattr(intern!(py, "name"))?.cast_into::<PyString>()?;
            let member = value.getattr(&name)?;
            pairs.append((name, member))?;
        }
        return Ok(Form::Members(pairs));
    }
    let is_mapping = is(library!(py, "_collections_abc", "Mapping"))?;
    Ok(if is_mapping { Form::Mapping } else { Form::None })
}

fn text_of(text: Bound<'_, PyAny>) -> PyResult<Form<'_>> {
    Ok(text.cast_into().map_or(Form::None, Form::Text))
}
