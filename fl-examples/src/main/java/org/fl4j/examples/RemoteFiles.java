package org.fl4j.examples;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.fl4j.ClientId;
import org.fl4j.privacy.secagg.IdentityDirectory;

/**
 * What the parties of a federation on one machine keep on disk: in {@code server} what only the server has, in a folder for each client what
 * only that client has, in {@code public} the server's certificate and the clients' identity keys. A host would hand out the
 * certificate and the identities by a way of its own, which the server cannot write to.
 *
 * @param folder of them all
 */
record RemoteFiles(Path folder) {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SECRET_BYTES = 32;
    private static final String STORE_PASSWORD = "FL4J_STORE_PASSWORD";

    /** Makes a certificate for this machine that is valid for two days, and a token and an identity key for each client. */
    static RemoteFiles create(Path folder, List<ClientId> ids)
            throws IOException, GeneralSecurityException, InterruptedException {
        RemoteFiles files = new RemoteFiles(folder);
        Files.createDirectories(files.common());
        Files.createDirectories(files.server());
        files.makeCertificate();
        for (ClientId id : ids) {
            files.makeClient(id);
        }
        return files;
    }

    /** Where the server keeps its state. */
    Path server() {
        return folder.resolve("server");
    }

    private Path common() {
        return folder.resolve("public");
    }

    private Path of(ClientId id) {
        return folder.resolve("clients").resolve(id.value());
    }

    private void makeClient(ClientId id) throws IOException, GeneralSecurityException {
        Files.createDirectories(of(id));
        String token = secret();
        writePrivate(of(id).resolve("token"), token.getBytes(StandardCharsets.US_ASCII));
        Path digests = Files.createDirectories(server().resolve("tokens"));
        Files.writeString(digests.resolve(id.value()), RemoteTokens.digest(token));
        KeyPair identity = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        writePrivate(of(id).resolve("identity"), identity.getPrivate().getEncoded());
        Files.write(
                common().resolve("identity-" + id.value()), identity.getPublic().getEncoded());
    }

    /** The password is in the environment of the JDK's tool, where {@code ps} does not show it. */
    private void makeCertificate() throws IOException, GeneralSecurityException, InterruptedException {
        String password = secret();
        writePrivate(server().resolve("store-password"), password.getBytes(StandardCharsets.US_ASCII));
        ProcessBuilder keytool = new ProcessBuilder(
                        Path.of(Objects.requireNonNull(System.getProperty("java.home")), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=dns:localhost,ip:127.0.0.1",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        keyStore().toString(),
                        "-storepass:env",
                        STORE_PASSWORD)
                .redirectErrorStream(true);
        keytool.environment().put(STORE_PASSWORD, password);
        Process process = keytool.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("keytool made no certificate: " + output);
        }
        Certificate certificate = keys().getCertificate("server");
        Files.write(common().resolve("server.crt"), certificate.getEncoded());
    }

    /** The server's end of TLS. */
    SSLContext serverTls() throws IOException, GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(keys(), storePassword());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), null, null);
        return tls;
    }

    /** A client's end, which trusts the server's certificate and no other. */
    SSLContext clientTls() throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(common().resolve("server.crt"))) {
            trusted.setCertificateEntry(
                    "server", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        return tls;
    }

    /** What the server knows of the tokens. */
    RemoteTokens tokens() throws IOException {
        Map<ClientId, String> digests = new HashMap<>();
        try (Stream<Path> files = Files.list(server().resolve("tokens"))) {
            for (Path file : files.toList()) {
                digests.put(new ClientId(String.valueOf(file.getFileName())), Files.readString(file));
            }
        }
        return new RemoteTokens(digests);
    }

    /** A client's own token. */
    String token(ClientId id) throws IOException {
        return Files.readString(of(id).resolve("token"));
    }

    /** Everybody's public identity key. */
    IdentityDirectory identities(List<ClientId> ids) throws IOException, GeneralSecurityException {
        Map<ClientId, PublicKey> keys = new HashMap<>();
        for (ClientId id : ids) {
            byte[] encoded = Files.readAllBytes(common().resolve("identity-" + id.value()));
            keys.put(id, KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
        }
        return IdentityDirectory.of(keys);
    }

    /** Signs with a client's own identity key. */
    IdentityDirectory.Signer signer(ClientId id) throws IOException, GeneralSecurityException {
        byte[] encoded = Files.readAllBytes(of(id).resolve("identity"));
        return IdentityDirectory.Signer.of(
                KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(encoded)));
    }

    private Path keyStore() {
        return server().resolve("store.p12");
    }

    private KeyStore keys() throws IOException, GeneralSecurityException {
        return KeyStore.getInstance(keyStore().toFile(), storePassword());
    }

    private char[] storePassword() throws IOException {
        return Files.readString(server().resolve("store-password")).toCharArray();
    }

    private static String secret() {
        byte[] bytes = new byte[SECRET_BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** For its owner alone, where the file system knows owners. */
    private static void writePrivate(Path file, byte[] content) throws IOException {
        boolean knowsOwners = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        Files.deleteIfExists(file);
        if (knowsOwners) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.write(file, content);
    }
}
