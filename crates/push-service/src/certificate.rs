//! The self-signed certificate of the TLS port: made once, kept in the data folder.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use base64ct::{Base64, Encoding as _};
use rcgen::{CertificateParams, DnType, KeyPair, PublicKeyData as _};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest as _, Sha256};

use crate::StartError;
use crate::description::CHROMIUM_HOSTS;
use crate::file::write_whole;

const CERTIFICATE_FILE: &str = "push-service-certificate.pem";
const KEY_FILE: &str = "push-service-key.pem";

/// Its name in TLS (RFC 9113 section 3.2).
pub(crate) const HTTP_2: &[u8] = b"h2";

/// A certificate for this machine and for the hosts of Chromium's endpoints, ready to serve.
#[derive(Debug)]
pub(crate) struct Certificate {
    pub(crate) pem: String,
    pub(crate) spki_sha256: String,
    pub(crate) tls: Arc<ServerConfig>,
}

impl Certificate {
    /// Offers HTTP/2 before HTTP/1.1, as the push services of the internet do.
    pub(crate) fn offer_http_2(&mut self) {
        Arc::make_mut(&mut self.tls).alpn_protocols = vec![HTTP_2.to_vec(), b"http/1.1".to_vec()];
    }

    /// The certificate of a data folder, made there if it is missing; without a folder, a new one in memory.
    pub(crate) fn open(data: Option<&Path>) -> Result<Self, StartError> {
        let Some(folder) = data else {
            let (pem, key_pem) = make()?;
            return Self::load(&pem, &key_pem).map_err(StartError::MakeCertificate);
        };
        let (path, key_path) = (folder.join(CERTIFICATE_FILE), folder.join(KEY_FILE));
        let (pem, key_pem) = match (read(&path)?, read(&key_path)?) {
            (Some(pem), Some(key_pem)) => (pem, key_pem),
            // One without the other is of no use: a start was interrupted, or somebody wants new ones.
            _ => {
                let (pem, key_pem) = make()?;
                let unusable = |path: &Path| {
                    let path = path.to_owned();
                    |source| StartError::DataFolder { path, source }
                };
                fs::create_dir_all(folder).map_err(unusable(folder))?;
                write_whole(&key_path, key_pem.as_bytes(), 0o600).map_err(unusable(&key_path))?;
                write_whole(&path, pem.as_bytes(), 0o644).map_err(unusable(&path))?;
                (pem, key_pem)
            }
        };
        Self::load(&pem, &key_pem).map_err(|reason| StartError::CorruptCertificate { path, reason })
    }

    fn load(pem: &str, key_pem: &str) -> Result<Self, String> {
        let key = KeyPair::from_pem(key_pem).map_err(|error| format!("private key: {error}"))?;
        let spki_sha256 = Base64::encode_string(&Sha256::digest(key.subject_public_key_info()));
        let certificate =
            CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| format!("certificate: {error}"))?;
        let private =
            PrivateKeyDer::from_pem_slice(key_pem.as_bytes()).map_err(|error| format!("private key: {error}"))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(vec![certificate], private))
            .map_err(|error| error.to_string())?;
        Ok(Self { pem: pem.to_owned(), spki_sha256, tls: Arc::new(tls) })
    }
}

/// A new certificate and its private key, both in PEM.
fn make() -> Result<(String, String), StartError> {
    let made = || {
        let key = KeyPair::generate()?;
        let names = ["localhost", "127.0.0.1"].into_iter().chain(CHROMIUM_HOSTS);
        let mut params = CertificateParams::new(names.map(str::to_owned).collect::<Vec<_>>())?;
        params.distinguished_name.push(DnType::CommonName, "Tidings local push service");
        Ok((params.self_signed(&key)?.pem(), key.serialize_pem()))
    };
    made().map_err(|error: rcgen::Error| StartError::MakeCertificate(error.to_string()))
}

/// The text of a file, or `None` if there is no such file.
fn read(path: &Path) -> Result<Option<String>, StartError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(StartError::CorruptCertificate { path: path.to_owned(), reason: "not text".to_owned() })
        }
        Err(source) => Err(StartError::UnreadableCertificate { path: path.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_kept_in_the_data_folder() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("new");
        let first = Certificate::open(Some(&data)).unwrap();
        let second = Certificate::open(Some(&data)).unwrap();
        assert_eq!(first.pem, second.pem);
        assert_eq!(first.spki_sha256, second.spki_sha256);
        assert_eq!(fs::read_dir(&data).unwrap().count(), 2, "no leftovers");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(data.join(KEY_FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn is_new_without_a_folder() {
        let (first, second) = (Certificate::open(None), Certificate::open(None));
        assert_ne!(first.unwrap().spki_sha256, second.unwrap().spki_sha256);
    }

    #[test]
    fn names_a_corrupt_file() {
        let folder = tempfile::tempdir().unwrap();
        Certificate::open(Some(folder.path())).unwrap();
        fs::write(folder.path().join(CERTIFICATE_FILE), "no certificate").unwrap();
        let error = Certificate::open(Some(folder.path())).err().unwrap();
        assert!(matches!(error, StartError::CorruptCertificate { .. }));
        assert!(error.to_string().contains(CERTIFICATE_FILE), "{error}");
        assert!(error.to_string().contains("delete both files"), "{error}");
    }

    #[test]
    fn refuses_a_key_of_another_certificate() {
        let folder = tempfile::tempdir().unwrap();
        Certificate::open(Some(folder.path())).unwrap();
        fs::write(folder.path().join(KEY_FILE), make().unwrap().1).unwrap();
        let error = Certificate::open(Some(folder.path())).err().unwrap();
        assert!(matches!(error, StartError::CorruptCertificate { .. }), "{error}");
    }

    #[test]
    fn names_a_bad_data_folder() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let error = Certificate::open(Some(&file.join("below"))).err().unwrap();
        assert!(error.to_string().contains("file"), "{error}");
    }
}
