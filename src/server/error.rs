//! Errors as HTTP clients see them: one status, one code, one sentence.

use std::borrow::Cow;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::session::catalog::{CreateError, StartError};

/// A refused or failed request: `{"error":{"code":"snake_case","message":"..."}}` with its status.
///
/// The message is shown to strangers, so it never holds a secret, a path or a version.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    retry_after: Option<u64>,
}

impl ApiError {
    /// An error with this status, code (`snake_case`) and sentence.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after: None,
        }
    }

    /// 400: the request is not one that awp understands.
    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// 401: no credential, or one that does not hold.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "log in first")
    }

    /// 401: name and password hold, and a code is asked for beside them.
    pub fn code_needed() -> Self {
        let message = "show the code of your second device as well";
        Self::new(StatusCode::UNAUTHORIZED, "code_needed", message)
    }

    /// 401: name and password hold, the code does not.
    pub fn wrong_code() -> Self {
        let message = "the code is wrong, or was used before; wait for the next one";
        Self::new(StatusCode::UNAUTHORIZED, "wrong_code", message)
    }

    /// 401: the cookie holds, the page key beside it does not.
    pub fn page_key() -> Self {
        let message = "the page key is missing or wrong";
        Self::new(StatusCode::UNAUTHORIZED, "page_key", message)
    }

    /// 403: the request comes from another site's page.
    pub fn foreign_origin() -> Self {
        let message = "this origin is not allowed";
        Self::new(StatusCode::FORBIDDEN, "foreign_origin", message)
    }

    /// 403: known, but not allowed to do this.
    pub fn not_allowed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "not_allowed", message)
    }

    /// 403: allowed, once it was shown again who asks.
    pub fn fresh_login_needed() -> Self {
        let message = "log in again first: this hands over more than the login itself";
        Self::new(StatusCode::FORBIDDEN, "fresh_login_needed", message)
    }

    /// 404: there is nothing of this name.
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// 405: the method does not exist here.
    pub fn method_not_allowed() -> Self {
        let message = "this method is not allowed here";
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            message,
        )
    }

    /// 409: it exists already, or its state forbids this.
    pub fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", message)
    }

    /// 415: the body is not JSON.
    pub fn not_json() -> Self {
        let message = "the body must be application/json";
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            message,
        )
    }

    /// 421: the request was meant for a host that this server is not.
    pub fn wrong_host() -> Self {
        let message = "this host name is not served here; see --allow-host";
        Self::new(StatusCode::MISDIRECTED_REQUEST, "wrong_host", message)
    }

    /// 429: too many sockets wait for the token of their client.
    pub fn crowded() -> Self {
        let message = "too many clients have yet to show their token, wait a little";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "over_limit", message)
    }

    /// 429: too often; `retry_after` in seconds.
    pub fn too_many(retry_after: u64) -> Self {
        let mut error = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_attempts",
            "too many failed attempts, wait a little",
        );
        error.retry_after = Some(retry_after);
        error
    }

    /// 500: awp failed. What happened belongs into the log, not here.
    pub fn internal() -> Self {
        let message = "internal error";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Seconds after which another try is looked at, where there were too many.
    pub fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The code in `snake_case`.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl From<CreateError> for ApiError {
    fn from(error: CreateError) -> Self {
        let message = error.to_string();
        match error {
            CreateError::Full(_) | CreateError::AppFull { .. } | CreateError::LoginsFull(_) => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "over_limit", message)
            }
            CreateError::Closed => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "going_away", message)
            }
            CreateError::NameTaken(_) => Self::new(StatusCode::CONFLICT, "name_taken", message),
            CreateError::BadName => Self::new(StatusCode::BAD_REQUEST, "bad_name", message),
            CreateError::Random => Self::internal(),
            CreateError::NoSocket => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_started", message)
            }
            CreateError::Start(error) => error.into(),
        }
    }
}

impl From<StartError> for ApiError {
    fn from(error: StartError) -> Self {
        let message = error.to_string();
        match error {
            StartError::Login => Self::conflict(message),
            StartError::Full(_) => Self::new(StatusCode::TOO_MANY_REQUESTS, "over_limit", message),
            StartError::Memory => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "over_memory", message)
            }
            StartError::Resource { .. } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_started", message)
            }
            _ => Self::new(StatusCode::BAD_REQUEST, "not_started", message),
        }
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Body<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    code: &'a str,
    message: &'a str,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = Envelope {
            error: Body {
                code: self.code,
                message: &self.message,
            },
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
