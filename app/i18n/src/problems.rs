//! What went wrong, in words, by the code that the engine, the app and the API give.

use crate::tr;

macro_rules! by_code {
    ($code:expr; [$($advised:ident, $advice:ident;)*] [$($plain:ident;)*]) => {
        match $code {
            $(stringify!($advised) => Some((tr!(problems.$advised), Some(tr!(problems.$advice)))),)*
            $(stringify!($plain) => Some((tr!(problems.$plain), None)),)*
            _ => None,
        }
    };
}

/// What is wrong and, where there is something to do about it, what; in the language of this thread. `None` for a code without words.
pub fn problem(code: &str) -> Option<(&'static str, Option<&'static str>)> {
    by_code! { code; [
        unsupported_type, unsupported_type_advice;
        empty_file, empty_file_advice;
        damaged_file, damaged_file_advice;
        file_too_large, file_too_large_advice;
        too_many_pages, too_many_pages_advice;
        too_many_pixels, too_many_pixels_advice;
        password_needed, password_needed_advice;
        models_missing, models_missing_advice;
        models_damaged, models_damaged_advice;
        offline, offline_advice;
        server_offline, server_offline_advice;
        not_kept, not_kept_advice;
        worker_failed, worker_failed_advice;
        exporter_offline, exporter_offline_advice;
        exporter_missing, exporter_missing_advice;
        export_failed, export_failed_advice;
        no_worker, no_worker_advice;
        busy, busy_advice;
        ] [
        invalid_token;
        sign_in_needed;
        too_many_requests;
        job_not_found;
        not_found;
        expired;
        invalid_code;
        sign_in_failed;
        wrong_password;
        payment_unavailable;
        token_not_found;
        too_many_tokens;
        internal_error;
    ] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_words() {
        let (title, advice) = problem("empty_file").unwrap();
        assert_eq!(title, "The file is empty.");
        assert!(advice.unwrap().starts_with("Check"));
        assert_eq!(problem("not_found").unwrap().1, None);
        assert_eq!(problem("no_such_code"), None);
    }
}
