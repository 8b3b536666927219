package org.fl4j.privacy.secagg;

import java.util.Arrays;
import java.util.Optional;
import org.fl4j.privacy.secagg.internal.crypto.Hkdf;
import org.fl4j.privacy.secagg.internal.crypto.SealedBox;
import org.fl4j.privacy.secagg.internal.message.Bytes;

/**
 * One client's part for one server, encrypted: AES-256-GCM under a key that HKDF makes of the X25519 secret between the two, with
 * the session as salt and all that the box is bound to as info. Both keys of the pair are of the round, so a key seals one box.
 */
final class ShareBox {

    private static final int KEY_BYTES = 32;

    private ShareBox() {}

    /** Erases secret and content. */
    static byte[] seal(Bytes session, byte[] secret, byte[] binding, byte[] content) {
        byte[] key = key(session, secret, binding);
        try {
            return SealedBox.seal(key, content, binding);
        } finally {
            Arrays.fill(key, (byte) 0);
            Arrays.fill(content, (byte) 0);
        }
    }

    /** What was sealed, which the caller erases; empty if it was bound to something else. Erases the secret. */
    static Optional<byte[]> open(Bytes session, byte[] secret, byte[] binding, byte[] box) {
        byte[] key = key(session, secret, binding);
        try {
            return SealedBox.open(key, box, binding);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static byte[] key(Bytes session, byte[] secret, byte[] binding) {
        Hkdf hkdf = new Hkdf();
        byte[] root = hkdf.extract(session.shared(), secret);
        Arrays.fill(secret, (byte) 0);
        try {
            return hkdf.expand(root, binding, KEY_BYTES);
        } finally {
            Arrays.fill(root, (byte) 0);
        }
    }
}
