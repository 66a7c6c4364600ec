//! Every way a provider's answer is not accepted: a code for logs and docs, a sentence for the person.

use openidconnect::{
    ClaimsVerificationError, DiscoveryError, RequestTokenError, SignatureVerificationError, StandardErrorResponse,
    core::CoreErrorResponseType,
};

use super::known::FetchError;
use crate::{error::AppError, server::telemetry::chain};

/// How our own check of `iat` names its refusal to the library.
pub(super) const ISSUED_AT: &str = "issued at another time";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: &'static str,
    explanation: &'static str,
}

macro_rules! refusals {
    ($($name:ident = $code:literal, $explanation:literal;)+) => {
        impl Refusal {
            $(pub const $name: Self = Self { code: $code, explanation: $explanation };)+

            /// Every code, for the docs and for the test that each has its page.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];
        }
    };
}

refusals! {
    UNREACHABLE = "provider_unreachable", "Your identity provider does not answer. Try again in a moment; if it goes on, tell the operator of this console.";
    DISCOVERY = "provider_discovery", "Your identity provider describes itself in a way this console cannot use. Tell the operator of this console.";
    NO_TOKEN_ENDPOINT = "provider_token_endpoint", "Your identity provider does not say where to redeem sign-ins. Tell the operator of this console.";
    DENIED = "provider_denied", "Your identity provider did not let you in, or you turned back. You can try again.";
    ATTEMPT = "attempt_unknown", "This sign-in was already used, is more than ten minutes old, or was started in another browser. Start again.";
    ISSUER_MIX_UP = "issuer_mix_up", "The answer came from another identity provider than the one asked. Start again, and tell the operator if it happens twice.";
    CODE = "code_refused", "Your identity provider did not accept its own code. It may have been used already. Start again.";
    NO_ID_TOKEN = "id_token_missing", "Your identity provider sent no proof of who you are. Tell the operator of this console.";
    ISSUER = "id_token_issuer", "The proof of who you are names another issuer. Tell the operator of this console.";
    AUDIENCE = "id_token_audience", "The proof of who you are was made for another application. Tell the operator of this console.";
    AUTHORIZED_PARTY = "id_token_azp", "The proof of who you are was handed to another application. Tell the operator of this console.";
    NONCE = "id_token_nonce", "The proof of who you are belongs to another sign-in. Start again.";
    EXPIRED = "id_token_expired", "The proof of who you are has expired. Start again; if it goes on, a clock is wrong.";
    NOT_YET_VALID = "id_token_not_before", "The proof of who you are is not valid yet. Start again; if it goes on, a clock is wrong.";
    ISSUED_AT = "id_token_issued_at", "The proof of who you are was made at another time. Start again; if it goes on, a clock is wrong.";
    ALGORITHM = "id_token_algorithm", "The proof of who you are is signed in a way that is not accepted. Tell the operator of this console.";
    UNKNOWN_KEY = "id_token_key", "The proof of who you are is signed with a key that your identity provider does not publish. Tell the operator of this console.";
    SIGNATURE = "id_token_signature", "The signature on the proof of who you are does not hold. Tell the operator of this console.";
    CLAIMS = "id_token_claims", "The proof of who you are is not complete. Tell the operator of this console.";
    ACCESS_TOKEN_HASH = "id_token_at_hash", "The proof of who you are belongs to another access token. Tell the operator of this console.";
    USER_INFO = "userinfo", "Your identity provider did not say who you are when asked. Tell the operator of this console.";
    NOT_ANEW = "not_anew", "You were to prove again who you are, and your identity provider does not say that you just did. Sign out there, then try again; if it goes on, tell the operator of this console.";
    NO_EMAIL = "email_missing", "Your identity provider did not say your e-mail address, which this console needs. Tell the operator of this console.";
    SIGN_UP = "sign_up_policy", "This console does not let newcomers in by themselves. Ask someone who is in it to invite you.";
}

impl Refusal {
    pub(super) fn discovery<E: std::error::Error + 'static>(error: &DiscoveryError<E>) -> Self {
        tracing::warn!(error = %chain(error), "discovery failed");
        match error {
            DiscoveryError::Request(_) => Self::UNREACHABLE,
            DiscoveryError::Validation(_) => Self::ISSUER,
            _ => Self::DISCOVERY,
        }
    }

    pub(super) fn exchange(error: &RequestTokenError<FetchError, StandardErrorResponse<CoreErrorResponseType>>) -> Self {
        match error {
            RequestTokenError::ServerResponse(response) => {
                tracing::warn!(provider = %response.error(), "the provider refused the code");
                Self::CODE
            }
            RequestTokenError::Request(cause) => {
                tracing::warn!(error = %chain(cause), "the provider could not be asked");
                Self::UNREACHABLE
            }
            // Its text may hold the body, and the body a token.
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                tracing::warn!("the provider's answer to the code could not be read");
                Self::NO_ID_TOKEN
            }
        }
    }

    pub(super) fn claims(error: &ClaimsVerificationError) -> Self {
        tracing::warn!(error = %error, "the ID token was refused");
        match error {
            // The library has one word for both.
            ClaimsVerificationError::Expired(text) if text.contains(ISSUED_AT) => Self::ISSUED_AT,
            ClaimsVerificationError::Expired(_) => Self::EXPIRED,
            ClaimsVerificationError::InvalidAudience(_) => Self::AUDIENCE,
            ClaimsVerificationError::InvalidIssuer(_) => Self::ISSUER,
            ClaimsVerificationError::InvalidNonce(_) => Self::NONCE,
            ClaimsVerificationError::InvalidSubject(_) => Self::USER_INFO,
            ClaimsVerificationError::Unsupported(_) => Self::ALGORITHM,
            ClaimsVerificationError::SignatureVerification(cause) => match cause {
                SignatureVerificationError::NoSignature
                | SignatureVerificationError::DisallowedAlg(_)
                | SignatureVerificationError::UnsupportedAlg(_)
                | SignatureVerificationError::InvalidKey(_) => Self::ALGORITHM,
                SignatureVerificationError::NoMatchingKey | SignatureVerificationError::AmbiguousKeyId(_) => Self::UNKNOWN_KEY,
                _ => Self::SIGNATURE,
            },
            _ => Self::CLAIMS,
        }
    }
}

impl From<Refusal> for AppError {
    /// Logs the code once; the request's span says which request it was.
    fn from(refusal: Refusal) -> Self {
        tracing::warn!(code = refusal.code, "sign-in refused");
        Self::SignInRefused { code: refusal.code, explanation: refusal.explanation }
    }
}
