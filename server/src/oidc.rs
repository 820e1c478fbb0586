//! Signing in at an OpenID Connect provider: authorization code flow with PKCE (S256), `state` and `nonce`, by the crate `openidconnect`.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod,
    CoreErrorResponseType, CoreGenderClaim, CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse,
    CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthType, AuthorizationCode, ClaimsVerificationError, Client,
    ClientId, ClientSecret, CsrfToken, EmptyAdditionalClaims, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, StandardErrorResponse, TokenResponse,
    UserInfoError,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::net;

/// How long the provider may take to answer.
const LIMIT: Duration = Duration::from_secs(15);

/// Largest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// How long the provider's metadata and keys are kept.
const KEEP_METADATA: Duration = Duration::from_secs(600);

/// Signatures that are believed: those of keys that the provider publishes. HMAC and `none` are left out whatever it says.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Where people sign in.
#[derive(Clone)]
pub struct OidcSettings {
    /// The issuer, as the provider writes it.
    pub issuer: String,
    /// Our id there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: String,
    /// What people call it.
    pub name: String,
}

impl std::fmt::Debug for OidcSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OidcSettings")
            .field("issuer", &self.issuer)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Why nobody was signed in. Logged; people are told less.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OidcError {
    /// The provider cannot be asked, or its answer cannot be used.
    #[error("the provider: {0}")]
    Provider(String),
    /// What the provider says of the person is not to be believed.
    #[error("the ID token: {0}")]
    Token(String),
}

/// What a browser has to bring back; it is sealed in a cookie.
#[derive(Serialize, Deserialize)]
pub struct Attempt {
    /// Comes back in the address.
    pub state: String,
    /// Comes back in the ID token.
    pub nonce: String,
    /// Proves that who redeems the code is who asked for it.
    pub verifier: String,
    /// Until when, unix milliseconds.
    pub expires_ms: i64,
}

/// Somebody, as the provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// Its name of the person.
    pub subject: String,
    /// The person's address, when the provider has verified it.
    pub verified_email: Option<String>,
}

type Provider = Client<
    EmptyAdditionalClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    CoreTokenResponse,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A provider.
#[derive(Clone)]
pub struct Oidc {
    settings: OidcSettings,
    redirect_url: String,
    client: Arc<OnceLock<reqwest::Client>>,
    metadata: Arc<Mutex<Option<(Instant, CoreProviderMetadata)>>>,
}

/// A call that failed, without its address.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct CallError(&'static str);

/// A call on its way.
type CallFuture = Pin<Box<dyn Future<Output = Result<HttpResponse, CallError>> + Send>>;

impl Oidc {
    /// A provider that sends people back to `redirect_url`.
    pub fn new(settings: OidcSettings, redirect_url: String) -> Self {
        Self {
            settings,
            redirect_url,
            client: Arc::default(),
            metadata: Arc::default(),
        }
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Where a browser goes to sign in, and what it has to bring back, until `expires_ms`.
    ///
    /// # Errors
    /// [`OidcError::Provider`].
    pub async fn begin(&self, expires_ms: i64) -> Result<(String, Attempt), OidcError> {
        let provider = self.provider(false).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = provider
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let attempt = Attempt {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            expires_ms,
        };
        Ok((url.into(), attempt))
    }

    /// Who somebody is who came back with `code`. Signature, issuer, audience, times, nonce and the hash of the access token are
    /// checked.
    ///
    /// # Errors
    /// [`OidcError`].
    pub async fn finish(&self, code: String, attempt: Attempt) -> Result<Identity, OidcError> {
        let mut provider = self.provider(false).await?;
        let response = provider
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| OidcError::Provider(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier))
            .request_async(&self.http()?)
            .await
            // Its text may quote what was sent.
            .map_err(|_| OidcError::Provider("the code was not taken".to_owned()))?;
        let token = response
            .id_token()
            .ok_or_else(|| OidcError::Token("there is none".to_owned()))?;
        let nonce = Nonce::new(attempt.nonce);
        let is_signed = |provider: &Provider| {
            let found = token.claims(&verifier_of(provider), &nonce).map(drop);
            !matches!(
                found,
                Err(ClaimsVerificationError::SignatureVerification(_))
            )
        };
        if !is_signed(&provider) {
            // The provider may have new keys.
            provider = self.provider(true).await?;
        }
        let verifier = verifier_of(&provider);
        let claims = token
            .claims(&verifier, &nonce)
            .map_err(|error| OidcError::Token(kind(&error).to_owned()))?;
        if let Some(expected) = claims.access_token_hash() {
            check_hash(token, &verifier, response.access_token(), expected)?;
        }
        let email = match (claims.email_verified(), claims.email()) {
            (Some(true), Some(email)) => Some(email.to_string()),
            // Not in the token: at the address for it, if at all.
            (None, None) => {
                let access_token = response.access_token().clone();
                self.verified_email(&provider, access_token, claims.subject())
                    .await?
            }
            _ => None,
        };
        Ok(Identity {
            issuer: claims.issuer().to_string(),
            subject: claims.subject().to_string(),
            verified_email: email,
        })
    }

    /// The verified address at the provider's user info endpoint, for the subject of the ID token alone; `None` where it has no such
    /// endpoint or says of no address that it is verified. A call that fails is an error: without its answer the person would be given
    /// another account than the one of their address, for ever.
    async fn verified_email(
        &self,
        provider: &Provider,
        access_token: AccessToken,
        subject: &openidconnect::SubjectIdentifier,
    ) -> Result<Option<String>, OidcError> {
        let Ok(request) = provider.user_info(access_token, Some(subject.clone())) else {
            return Ok(None);
        };
        let claims: Result<CoreUserInfoClaims, _> = request.request_async(&self.http()?).await;
        let claims = match claims {
            Ok(claims) => claims,
            // It speaks of somebody else, or is not signed as it should be.
            Err(UserInfoError::ClaimsVerification(_)) => return Ok(None),
            // The error's text may quote what was said of the person.
            Err(_) => {
                let what = "the user info could not be had";
                return Err(OidcError::Provider(what.to_owned()));
            }
        };
        let is_verified = claims.email_verified() == Some(true);
        let email = claims.email().filter(|_| is_verified);
        Ok(email.map(|email| email.to_string()))
    }

    /// The provider by its metadata and keys, asked for anew when they are old or `is_fresh` wants it.
    async fn provider(&self, is_fresh: bool) -> Result<Provider, OidcError> {
        let wrong = |what: &str| OidcError::Provider(what.to_owned());
        let mut kept = self.metadata.lock().await;
        let is_young = |since: &Instant| since.elapsed() < KEEP_METADATA;
        let metadata = match kept
            .as_ref()
            .filter(|(since, _)| !is_fresh && is_young(since))
        {
            Some((_, metadata)) => metadata.clone(),
            None => {
                let issuer = IssuerUrl::new(self.settings.issuer.clone());
                let issuer = issuer.map_err(|_| wrong("the issuer is no address"))?;
                let http = self.http()?;
                let metadata = CoreProviderMetadata::discover_async(issuer, &http).await;
                let metadata = metadata.map_err(|error| OidcError::Provider(error.to_string()))?;
                *kept = Some((Instant::now(), metadata.clone()));
                metadata
            }
        };
        drop(kept);
        let methods = metadata.token_endpoint_auth_methods_supported();
        let by_body = methods.is_some_and(|methods| {
            !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
                && methods.contains(&CoreClientAuthMethod::ClientSecretPost)
        });
        let redirect_url = RedirectUrl::new(self.redirect_url.clone());
        let client = CoreClient::from_provider_metadata(
            metadata,
            ClientId::new(self.settings.client_id.clone()),
            Some(ClientSecret::new(self.settings.client_secret.clone())),
        )
        .set_redirect_uri(redirect_url.map_err(|_| wrong("our own address is none"))?);
        Ok(if by_body {
            client.set_auth_type(AuthType::RequestBody)
        } else {
            client
        })
    }

    /// What makes the calls of the crate.
    fn http(&self) -> Result<impl Fn(HttpRequest) -> CallFuture, OidcError> {
        let client = match self.client.get() {
            Some(client) => client.clone(),
            None => {
                let client =
                    net::client(LIMIT).map_err(|error| OidcError::Provider(error.to_string()))?;
                self.client.get_or_init(|| client).clone()
            }
        };
        Ok(move |request: HttpRequest| {
            let client = client.clone();
            let call: CallFuture = Box::pin(call(client, request));
            call
        })
    }
}

async fn call(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, CallError> {
    let (parts, body) = request.into_parts();
    let sent = client
        .request(parts.method, parts.uri.to_string())
        .headers(parts.headers)
        .body(body)
        .send()
        .await;
    let response = sent.map_err(|_| CallError("it cannot be reached"))?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = net::body(response, MAX_ANSWER_BYTES).await;
    let mut answer =
        HttpResponse::new(body.ok_or(CallError("its answer is too long or broke off"))?);
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    Ok(answer)
}

fn verifier_of(provider: &Provider) -> CoreIdTokenVerifier<'_> {
    provider.id_token_verifier().set_allowed_algs(ALGORITHMS)
}

fn check_hash(
    token: &CoreIdToken,
    verifier: &CoreIdTokenVerifier<'_>,
    access_token: &AccessToken,
    expected: &AccessTokenHash,
) -> Result<(), OidcError> {
    let wrong = |_| OidcError::Token("the hash of the access token".to_owned());
    let algorithm = token.signing_alg().map_err(wrong)?;
    let key = token.signing_key(verifier).map_err(wrong)?;
    let wrong = || OidcError::Token("the hash of the access token".to_owned());
    let hash = AccessTokenHash::from_token(access_token, algorithm, key).map_err(|_| wrong())?;
    if hash == *expected {
        Ok(())
    } else {
        Err(wrong())
    }
}

/// What is wrong with an ID token, without what it says.
fn kind(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "it has expired",
        ClaimsVerificationError::InvalidAudience(_) => "it is for another audience",
        ClaimsVerificationError::InvalidIssuer(_) => "it is of another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "its nonce is another",
        ClaimsVerificationError::SignatureVerification(_) => "its signature",
        _ => "its claims",
    }
}
