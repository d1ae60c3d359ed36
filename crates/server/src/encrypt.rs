//! Message encryption: RFC 8291 over `aes128gcm` (RFC 8188).

use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral},
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
    rand::{SecureRandom, SystemRandom},
};
use tidings_core::message::MAX_LENGTH;

use crate::subscription::Keys;

/// The record size that is announced. A message is one record, and always smaller.
const RECORD_SIZE: u32 = 4096;

/// Bytes of an uncompressed point, which is also what a key id is here.
const POINT: usize = 65;

/// Ends the last record, and there is no other (RFC 8188 section 2).
const LAST: u8 = 2;

/// The message is longer than a push may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the message has {0} bytes, the most is {MAX_LENGTH}: shorten it, or send an id and let the app fetch the rest"
)]
pub struct TooLong(pub usize);

/// Encrypts a message for one subscription.
///
/// # Example
///
/// ```
/// use tidings_server::{encrypt::{TooLong, encrypt}, subscription::Keys};
///
/// let keys = Keys::from_base64url(
///     "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
///     "BTBZMqHH6r4Tts7J_aSIgg",
/// )?;
/// assert_eq!(encrypt(b"Hello", &keys).map(|body| body.len()), Ok(86 + 5 + 17));
/// assert_eq!(encrypt(&[0; 4000], &keys), Err(TooLong(4000)));
/// # Ok::<(), tidings_server::subscription::SubscriptionError>(())
/// ```
///
/// # Errors
///
/// [`TooLong`] if the body would have more than the 4096 bytes that every push service takes (RFC 8291 section 4).
pub fn encrypt(message: &[u8], keys: &Keys) -> Result<Vec<u8>, TooLong> {
    encrypt_padded(message, 0, keys)
}

/// Encrypts a message that is padded up to this many bytes, so that its length says nothing of it (RFC 8188 section 4.8).
///
/// # Errors
///
/// [`TooLong`], as for [`encrypt`]; the padding alone never makes a message too long.
pub fn encrypt_padded(message: &[u8], length: usize, keys: &Keys) -> Result<Vec<u8>, TooLong> {
    if message.len() > MAX_LENGTH {
        return Err(TooLong(message.len()));
    }
    let length = length.min(MAX_LENGTH).max(message.len());
    let random = SystemRandom::new();
    let mut salt = [0; 16];
    random.fill(&mut salt).expect("the system has random numbers");
    let private = EphemeralPrivateKey::generate(&ECDH_P256, &random).expect("the system has random numbers");
    let public = private.compute_public_key().expect("a private key has a public one");
    let public: &[u8; POINT] = public.as_ref().try_into().expect("a point of P-256 has 65 bytes");
    let receiver = UnparsedPublicKey::new(&ECDH_P256, keys.p256dh());
    let body = agree_ephemeral(private, &receiver, |secret| seal(message, length, keys, secret, public, &salt));
    Ok(body.expect("keys hold a point of the curve"))
}

/// The body, once the shared secret is known (RFC 8291 section 3.4).
fn seal(message: &[u8], length: usize, keys: &Keys, secret: &[u8], public: &[u8; POINT], salt: &[u8; 16]) -> Vec<u8> {
    let info: [&[u8]; 3] = [b"WebPush: info\0", keys.p256dh(), public];
    let input: [u8; 32] = derive(&Salt::new(HKDF_SHA256, keys.auth()).extract(secret), &info);
    encode(message, length, &input, public, salt)
}

/// One record with its header (RFC 8188 section 2).
fn encode(message: &[u8], length: usize, input: &[u8], key_id: &[u8], salt: &[u8; 16]) -> Vec<u8> {
    let prk = Salt::new(HKDF_SHA256, salt).extract(input);
    let key: [u8; 16] = derive(&prk, &[b"Content-Encoding: aes128gcm\0"]);
    let nonce: [u8; 12] = derive(&prk, &[b"Content-Encoding: nonce\0"]);

    // Salt, record size, length of the key id, key id (section 2.1).
    let header = 16 + 4 + 1 + key_id.len();
    let mut body = Vec::with_capacity(header + length + 1 + AES_128_GCM.tag_len());
    body.extend_from_slice(salt);
    body.extend_from_slice(&RECORD_SIZE.to_be_bytes());
    body.push(key_id.len() as u8);
    body.extend_from_slice(key_id);
    body.extend_from_slice(message);
    body.push(LAST);
    // Padding is zeros.
    body.resize(header + length + 1, 0);
    // The only message with this key.
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).expect("16 bytes are a key"));
    let tag = key
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut body[header..])
        .expect("4 kB are not too much for AES-GCM");
    body.extend_from_slice(tag.as_ref());
    body
}

/// HKDF-Expand (RFC 5869 section 2.3).
fn derive<const N: usize>(prk: &Prk, info: &[&[u8]]) -> [u8; N] {
    let mut bytes = [0; N];
    let derived = prk.expand(info, Length(N)).and_then(|output| output.fill(&mut bytes));
    derived.expect("32 bytes are not too many");
    bytes
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::{SecretKey, elliptic_curve::rand_core::OsRng};
    use proptest::prelude::*;
    use tidings_core::base64url::decode;
    use web_push_native::Auth;

    fn receiver() -> (SecretKey, Keys) {
        let secret = SecretKey::random(&mut OsRng);
        let keys = Keys::from_bytes(&secret.public_key().to_sec1_bytes(), &[7; 16]).expect("good keys");
        (secret, keys)
    }

    fn decrypt(body: Vec<u8>, secret: &SecretKey, auth: [u8; 16]) -> Vec<u8> {
        web_push_native::decrypt(body, secret, &Auth::from(auth)).expect("decrypts")
    }

    #[test]
    fn the_body_of_rfc_8291_section_5_decrypts() {
        let secret = decode("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94").expect("base64url");
        let secret = SecretKey::from_slice(&secret).expect("a key");
        let auth: [u8; 16] = decode("BTBZMqHH6r4Tts7J_aSIgg").expect("base64url").try_into().expect("16 bytes");
        let body = decode(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru\
             3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
        )
        .expect("base64url");
        assert_eq!(body[16..20], RECORD_SIZE.to_be_bytes(), "the RFC announces the same size");
        assert_eq!(decrypt(body, &secret, auth), b"When I grow up, I want to be a watermelon");
    }

    #[test]
    fn writes_the_body_of_rfc_8291_section_5() {
        let decode = |text| decode(text).expect("base64url");
        let receiver = SecretKey::from_slice(&decode("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")).expect("a key");
        let sender = SecretKey::from_slice(&decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).expect("a key");
        let keys = Keys::from_bytes(&receiver.public_key().to_sec1_bytes(), &decode("BTBZMqHH6r4Tts7J_aSIgg"));
        let secret = p256::ecdh::diffie_hellman(sender.to_nonzero_scalar(), receiver.public_key().as_affine());
        let public = sender.public_key().to_sec1_bytes().as_ref().try_into().expect("65 bytes");
        let salt = decode("DGv6ra1nlYgDCS1FRnbzlw").try_into().expect("16 bytes");
        let plain = b"When I grow up, I want to be a watermelon";
        assert_eq!(
            seal(plain, plain.len(), &keys.expect("good keys"), secret.raw_secret_bytes(), &public, &salt),
            decode(
                "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqK\
                 K6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
            )
        );
    }

    #[test]
    fn the_bodies_of_rfc_8188_section_3_decrypt() {
        let decode = |text| decode(text).expect("base64url");
        let body = "I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg";
        let (key, plain) = (decode("yqdlZ-tYemfogSmv7Ws5PQ"), b"I am the walrus");
        assert_eq!(ece_native::decrypt(&key, decode(body)).expect("decrypts"), plain);
        let salt = decode("I1BsxtFttlv3u_Oo94xnmw").try_into().expect("16 bytes");
        assert_eq!(encode(plain, plain.len(), &key, b"", &salt), decode(body), "byte for byte");

        let body = "uNCkWiNYzKTnBN9ji3-qWAAAABkCYTHOG8chz_gnvgOqdGYovxyjuqRyJFjEDyoF1Fvkj6hQPdPHI51OEUKEpgz3SsLWIqS_uA";
        let key = decode("BO3ZVPxUlnLORbVGMpbT1Q");
        assert_eq!(ece_native::decrypt(&key, decode(body)).expect("decrypts"), plain, "two records");
    }

    #[test]
    fn pads_and_the_receiver_does_not_see_it() {
        let (secret, keys) = receiver();
        for (length, padding, expected) in [(5, 0, 5), (5, 3, 5), (5, 100, 100), (0, 1, 1), (10, 9999, MAX_LENGTH)] {
            let message = vec![0; length];
            let body = encrypt_padded(&message, padding, &keys).expect("short");
            assert_eq!(body.len(), 86 + expected + 17, "{length} {padding}");
            // Zeros at the end of the message are not taken for padding.
            assert_eq!(decrypt(body, &secret, [7; 16]), message);
        }
    }

    #[test]
    fn a_tampered_body_does_not_decrypt() {
        let (secret, keys) = receiver();
        let body = encrypt(b"Hello", &keys).expect("short");
        for index in [0, 30, 86, body.len() - 1] {
            let mut other = body.clone();
            other[index] ^= 1;
            assert!(web_push_native::decrypt(other, &secret, &Auth::from(*keys.auth())).is_err(), "byte {index}");
        }
    }

    #[test]
    fn fills_4096_bytes_and_no_more() {
        let (secret, keys) = receiver();
        let body = encrypt(&[b'x'; MAX_LENGTH], &keys).expect("fits");
        assert_eq!(body.len(), 4096);
        assert_eq!(decrypt(body, &secret, [7; 16]), [b'x'; MAX_LENGTH]);
        assert_eq!(encrypt(&[b'x'; MAX_LENGTH + 1], &keys), Err(TooLong(MAX_LENGTH + 1)));
    }

    #[test]
    fn each_message_has_its_own_salt_and_key() {
        let (_, keys) = receiver();
        let (one, two) = (encrypt(b"Hello", &keys).expect("short"), encrypt(b"Hello", &keys).expect("short"));
        assert_ne!(one[..16], two[..16]);
        assert_ne!(one[21..86], two[21..86]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn what_it_encrypts_decrypts(message in prop::collection::vec(any::<u8>(), 0..200)) {
            let (secret, keys) = receiver();
            let body = encrypt(&message, &keys).expect("short");
            prop_assert_eq!(&body[16..21], &[0, 0, 16, 0, 65]);
            prop_assert_eq!(decrypt(body, &secret, [7; 16]), message);
        }
    }
}
