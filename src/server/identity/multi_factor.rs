//! Whether a second factor was used, by the provider's word: `amr` (RFC 8176) and `acr` (OpenID Connect Core §2).

use openidconnect::AuthenticationContextClass;

use super::known::Claims;
use crate::server::config::Identity;

/// The words that stand for a second factor at this provider.
#[derive(Clone, Debug)]
pub struct MultiFactor {
    methods: Vec<String>,
    contexts: Vec<String>,
}

impl MultiFactor {
    pub fn new(identity: &Identity) -> Self {
        Self { methods: identity.multi_factor_amr.clone(), contexts: identity.multi_factor_acr.clone() }
    }

    /// Asked for where a second factor is wanted (`acr_values`).
    pub fn contexts(&self) -> impl Iterator<Item = AuthenticationContextClass> + use<> {
        self.contexts.clone().into_iter().map(AuthenticationContextClass::new)
    }

    pub fn is_said(&self, claims: &Claims) -> bool {
        let methods = claims.auth_method_refs().into_iter().flatten().map(|method| method.as_str());
        let context = claims.auth_context_ref().map(|context| context.as_str());
        self.holds(methods, context)
    }

    fn holds<'a>(&self, mut methods: impl Iterator<Item = &'a str>, context: Option<&str>) -> bool {
        methods.any(|method| self.methods.iter().any(|known| known == method))
            || context.is_some_and(|context| self.contexts.iter().any(|known| known == context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_operators_words_stand_for_a_second_factor() {
        let said = |amr: &[&str], acr: Option<&str>| {
            let known = MultiFactor { methods: vec!["mfa".to_owned(), "hwk".to_owned()], contexts: vec!["gold".to_owned()] };
            known.holds(amr.iter().copied(), acr)
        };
        assert!(said(&["pwd", "mfa"], None));
        assert!(said(&["hwk"], Some("bronze")));
        assert!(said(&[], Some("gold")));
        assert!(!said(&["pwd", "otp", "MFA"], Some("bronze")));
        assert!(!said(&[], None));
    }
}
