//! An application server that knows its users: by the cookie of a session, or by a JWT. `docs/server.md` quotes it whole.

use std::{
    collections::HashMap,
    env,
    error::Error,
    net::SocketAddr,
    sync::{Arc, RwLock},
    time::Duration,
};

use axum::{Router, http::HeaderMap};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use tidings_server::{Config, State, jobs, router, users::Authenticate};
use tokio::net::TcpListener;

/// Who is signed in, by the secret in the cookie. The login of your app fills it, its logout empties it.
type Sessions = Arc<RwLock<HashMap<String, String>>>;

#[derive(Deserialize)]
struct Claims {
    sub: String,
}

/// The user of a request: never what it says of itself, only what the login has left.
fn authenticate(sessions: Sessions, jwt_secret: &str) -> Authenticate {
    let key = DecodingKey::from_secret(jwt_secret.as_bytes());
    // Only this algorithm, and only tokens for this app; `exp` is checked, too.
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&["https://app.example"]);
    Authenticate::new(move |headers: &HeaderMap| {
        if let Some(token) = headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        {
            return Some(decode::<Claims>(token, &key, &validation).ok()?.claims.sub);
        }
        let cookies = headers.get("cookie")?.to_str().ok()?;
        let secret = cookies.split(';').find_map(|cookie| cookie.trim().strip_prefix("session="))?;
        sessions.read().ok()?.get(secret).cloned()
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sessions = Sessions::default();
    let mut config = Config::new("./data");
    config.contact = "mailto:push@app.example".into();
    config.authenticate = Some(authenticate(sessions.clone(), &env::var("JWT_SECRET")?));
    let state = State::open(&config).await?;
    let sending = jobs::Runner::start(state.clone(), jobs::Options::default());

    let app = Router::new() // .route("/login", post(login)), with `sessions`
        .merge(router(state))
        .into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(TcpListener::bind("127.0.0.1:8080").await?, app).await?;
    sending.stop(Duration::from_secs(5)).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_session_and_a_token_name_their_user_and_nothing_else_does() {
        let sessions = Sessions::default();
        sessions.write().expect("no panic").insert("c2VjcmV0".into(), "ada".into());
        let check = authenticate(sessions, "a secret of 32 bytes, or longer.");
        let user = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().expect("a header"));
            check.user(&headers)
        };
        assert_eq!(user("cookie", "theme=dark; session=c2VjcmV0").as_deref(), Some("ada"));
        assert_eq!(user("cookie", "session=ada"), None);
        assert_eq!(user("x-user", "ada"), None);

        let token = |algorithm, secret: &[u8], audience, expires| {
            let claims = json!({ "sub": "bob", "aud": audience, "exp": expires });
            let token = encode(&Header::new(algorithm), &claims, &EncodingKey::from_secret(secret)).expect("a token");
            user("authorization", &format!("Bearer {token}"))
        };
        let (secret, app, later) = (b"a secret of 32 bytes, or longer.", "https://app.example", 4_000_000_000_u64);
        assert_eq!(token(Algorithm::HS256, secret, app, later).as_deref(), Some("bob"));
        assert_eq!(token(Algorithm::HS256, b"another", app, later), None);
        assert_eq!(token(Algorithm::HS384, secret, app, later), None);
        assert_eq!(token(Algorithm::HS256, secret, "https://other.example", later), None);
        assert_eq!(token(Algorithm::HS256, secret, app, 1_000_000_000), None);
    }
}
