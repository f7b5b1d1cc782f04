//! `scalar_function!`: what all functions have alike, written once.
//!
//! A function is a type with its documentation, and below it its name, what it takes, the type that it gives, whether NULL gives
//! NULL (`strict`) or is a value like others (`lenient`), and its kernel over a batch. A function whose type depends on its
//! arguments implements [`datafusion_expr::ScalarUDFImpl`] by hand.

macro_rules! scalar_function {
    ($function:ident, $name:literal, $takes:expr, $gives:expr, strict, $kernel:expr $(,)?) => {
        $crate::functions::scalar_function::scalar_function!(@ $function, $name, $takes, $gives, true, $kernel);
    };
    ($function:ident, $name:literal, $takes:expr, $gives:expr, lenient, $kernel:expr $(,)?) => {
        $crate::functions::scalar_function::scalar_function!(@ $function, $name, $takes, $gives, false, $kernel);
    };
    (@ $function:ident, $name:literal, $takes:expr, $gives:expr, $strict:literal, $kernel:expr) => {
        impl $function {
            pub(in crate::functions) fn new() -> Self {
                Self
            }
        }

        impl ::datafusion_expr::ScalarUDFImpl for $function {
            fn name(&self) -> &str {
                $name
            }

            fn signature(&self) -> &::datafusion_expr::Signature {
                static TAKES: ::std::sync::LazyLock<::datafusion_expr::Signature> =
                    ::std::sync::LazyLock::new(|| $takes);
                &TAKES
            }

            fn return_type(
                &self,
                _arg_types: &[::arrow::datatypes::DataType],
            ) -> ::datafusion_common::Result<::arrow::datatypes::DataType> {
                Ok($gives)
            }

            fn is_strict(&self) -> bool {
                $strict
            }

            fn invoke_with_args(
                &self,
                args: ::datafusion_expr::ScalarFunctionArgs,
            ) -> ::datafusion_common::Result<::datafusion_expr::ColumnarValue> {
                let kernel: fn(
                    &str,
                    ::datafusion_expr::ScalarFunctionArgs,
                ) -> ::datafusion_common::Result<::datafusion_expr::ColumnarValue> = $kernel;
                kernel($name, args)
            }

            fn documentation(&self) -> Option<&::datafusion_expr::Documentation> {
                self.doc()
            }
        }
    };
}

pub(super) use scalar_function;
