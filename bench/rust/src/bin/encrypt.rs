//! What it costs to encrypt one message, beside the bare cryptography that RFC 8291 asks for: a new key pair, one
//! agreement, one AES-128-GCM of the message, with the same library and without any of the format around it.
//!
//! `npm run bench:encrypt`. Interleaved rounds in one thread; medians, and the spread between the rounds' quarters.

use std::{hint::black_box, time::Instant};

use tidings_server::{encrypt::encrypt, subscription::Keys};

const ROUNDS: usize = 41;
const CALLS: usize = 200;
const MESSAGE: usize = 200;

type Contender = (&'static str, Box<dyn Fn()>);

fn main() {
    let receiver = p256::SecretKey::random(&mut p256::elliptic_curve::rand_core::OsRng);
    let point: [u8; 65] = *receiver.public_key().to_sec1_bytes().first_chunk().expect("65 bytes");
    let keys = Keys::from_bytes(&point, &[7; 16]).expect("good keys");
    let public = receiver.public_key();
    let message = vec![b'x'; MESSAGE];
    let contenders: Vec<Contender> = vec![
        ("tidings encrypt", {
            let message = message.clone();
            Box::new(move || drop(black_box(encrypt(black_box(&message), &keys))))
        }),
        ("bare, ring (what tidings uses)", {
            let message = message.clone();
            Box::new(move || ring_bare(&point, &message))
        }),
        ("bare, aws-lc-rs", {
            let message = message.clone();
            Box::new(move || aws_bare(&point, &message))
        }),
        ("bare, p256 and aes-gcm", {
            let message = message.clone();
            Box::new(move || p256_bare(&public, &message))
        }),
        ("web-push-native 0.5 encrypt", {
            Box::new(move || {
                let auth = web_push_native::Auth::from([7; 16]);
                drop(black_box(web_push_native::encrypt(message.clone(), &public, &auth)));
            })
        }),
    ];
    let mut times = vec![Vec::new(); contenders.len()];
    for _ in 0..ROUNDS {
        for ((_, call), times) in contenders.iter().zip(&mut times) {
            let start = Instant::now();
            (0..CALLS).for_each(|_| call());
            times.push(start.elapsed().as_secs_f64() * 1e6 / CALLS as f64);
        }
    }
    for ((name, _), times) in contenders.iter().zip(&mut times) {
        times.sort_by(f64::total_cmp);
        let at = |part: usize| times[times.len() * part / 4];
        // JSON lines: the script that runs this prints the table.
        println!(
            "{{\"name\":\"{name}\",\"median\":{:.2},\"low\":{:.2},\"high\":{:.2}}}",
            at(2),
            at(1),
            at(3)
        );
    }
}

fn ring_bare(point: &[u8], message: &[u8]) {
    use ring::{aead, agreement, rand};
    let random = rand::SystemRandom::new();
    let private = agreement::EphemeralPrivateKey::generate(&agreement::ECDH_P256, &random).expect("random");
    let public = private.compute_public_key().expect("a key");
    let peer = agreement::UnparsedPublicKey::new(&agreement::ECDH_P256, point);
    let key: [u8; 16] =
        agreement::agree_ephemeral(private, &peer, |secret| *secret.first_chunk().expect("32 bytes")).expect("a point");
    let mut body = message.to_vec();
    let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_128_GCM, &key).expect("16 bytes"));
    key.seal_in_place_append_tag(aead::Nonce::assume_unique_for_key([0; 12]), aead::Aad::empty(), &mut body)
        .expect("short");
    black_box((body, public));
}

fn aws_bare(point: &[u8], message: &[u8]) {
    use aws_lc_rs::{aead, agreement, rand};
    let random = rand::SystemRandom::new();
    let private = agreement::EphemeralPrivateKey::generate(&agreement::ECDH_P256, &random).expect("random");
    let public = private.compute_public_key().expect("a key");
    let peer = agreement::UnparsedPublicKey::new(&agreement::ECDH_P256, point);
    let key: [u8; 16] = agreement::agree_ephemeral(private, peer, (), |secret| {
        Ok(*secret.first_chunk().expect("32 bytes"))
    })
    .expect("a point");
    let mut body = message.to_vec();
    let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_128_GCM, &key).expect("16 bytes"));
    key.seal_in_place_append_tag(aead::Nonce::assume_unique_for_key([0; 12]), aead::Aad::empty(), &mut body)
        .expect("short");
    black_box((body, public));
}

fn p256_bare(peer: &p256::PublicKey, message: &[u8]) {
    use aes_gcm::{AeadInPlace, Aes128Gcm, KeyInit};
    let private = p256::SecretKey::random(&mut p256::elliptic_curve::rand_core::OsRng);
    let public = private.public_key();
    let secret = p256::ecdh::diffie_hellman(private.to_nonzero_scalar(), peer.as_affine());
    let key: &[u8; 16] = secret.raw_secret_bytes().first_chunk().expect("32 bytes");
    let mut body = message.to_vec();
    Aes128Gcm::new(key.into()).encrypt_in_place(&[0; 12].into(), &[], &mut body).expect("short");
    black_box((body, public));
}
