//! The provider's signing key: ES256, made at start and never written down.

use anyhow::{Context as _, Result, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::base64url;

pub(super) struct Key {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    id: String,
    x: String,
    y: String,
}

impl Key {
    pub(super) fn generate() -> Result<Self> {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(|_| anyhow!("no signing key could be made"))?;
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random)
            .map_err(|error| anyhow!("the signing key is refused: {error}"))?;
        // An uncompressed point: 4, then both coordinates.
        let point: &[u8] = pair.public_key().as_ref();
        let (x, y) = point.strip_prefix(&[4]).and_then(|point| point.split_at_checked(32)).context("the signing key is no point")?;
        let (x, y) = (base64url(x), base64url(y));
        Ok(Self { id: thumbprint(&x, &y), pair, random, x, y })
    }

    /// The public half, as a JSON Web Key.
    pub(super) fn public(&self) -> Value {
        json!({
            "kty": "EC",
            "crv": "P-256",
            "x": self.x,
            "y": self.y,
            "use": "sig",
            "alg": "ES256",
            "kid": self.id,
        })
    }

    /// A JSON Web Token that says so.
    pub(super) fn sign(&self, claims: &Value) -> Result<String> {
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": self.id });
        let [header, claims] = [&header, claims].map(|part| base64url(part.to_string().as_bytes()));
        let message = format!("{header}.{claims}");
        let signature = self.pair.sign(&self.random, message.as_bytes()).map_err(|_| anyhow!("the token could not be signed"))?;
        Ok(format!("{message}.{}", base64url(signature.as_ref())))
    }

    /// What a token says that this key signed, however long ago.
    pub(super) fn read(&self, token: &str) -> Option<Value> {
        let (message, signature) = token.rsplit_once('.')?;
        let (_, claims) = message.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.pair.public_key()).verify(message.as_bytes(), &signature).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

/// RFC 7638: the required members in the order of their names, hashed.
fn thumbprint(x: &str, y: &str) -> String {
    let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    base64url(&Sha256::digest(members.as_bytes()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Key, thumbprint};

    #[test]
    fn only_its_own_words_are_read_back() -> anyhow::Result<()> {
        let (ours, theirs) = (Key::generate()?, Key::generate()?);
        let claims = json!({ "sub": "olivia-ortiz" });
        let token = ours.sign(&claims)?;
        assert_eq!(ours.read(&token), Some(claims));
        assert_eq!(theirs.read(&token), None);
        assert_eq!(ours.read("not.a.token"), None);
        Ok(())
    }

    /// The key of RFC 7517, appendix A.1.
    #[test]
    fn a_thumbprint_is_the_hash_of_the_required_members() {
        let x = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4";
        let y = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM";
        assert_eq!(thumbprint(x, y), "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s");
    }
}
